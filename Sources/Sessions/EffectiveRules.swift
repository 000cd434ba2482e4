import Basics
import Policies
import Wire

/// The parts of policy, profile and setup that rules need for every message, as flat values.
/// Rebuilt when one of the three changes.
struct EffectiveRules: Equatable, Sendable {
    var isManual = false
    var audioOutsideActivity = Mode.enforce
    var repeatedActivity = Mode.enforce
    var emptyActivity = Mode.enforce
    var shortActivity = Mode.observe
    var streamEndInManual = Mode.enforce
    var earlyInput = Mode.enforce
    var deadAirMode = Mode.enforce
    var streamEndOnPause = Mode.enforce
    var combinedInput = Mode.enforce
    var toolGate = Mode.enforce
    var emptyTurn = Mode.enforce
    var noiseHoldMode = Mode.enforce
    var flushMode = Mode.enforce

    var deadAir = Interval.zero
    var minActivity = Interval.zero
    var leadIn = Interval.zero
    /// How much voice proves an activity; zero if no rule needs it.
    var noiseHold = Interval.zero
    /// How often a long activity is flushed; `nil`: never.
    var flush: Interval?
    /// The client's own flushes do harm.
    var swallowsFlushes = false
    var pause = Interval.zero
    /// How long silence is streamed after a pause, on families that need to receive it.
    var trailingSilence = Interval.zero
    var pauseForm = Profile.PauseForm.audioStreamEnd
    var gatesInputDuringTools = false
    var idle = Profile.IdleSignal.turnComplete
    var buffer = 4 << 20
    /// How much audio is kept for a replay, or until it can be sent.
    var holdAudio = Interval.zero
    var replays = false
    /// `nil`: stalls are not watched for.
    var clocks: Clocks?
    /// A turn that completes without output is legal.
    var mayBeSilent = false
    /// A turn without any answer is silent, not lost.
    var answersWithSilence = false
    /// Content after the first reply closes the connection.
    var rejectsContent = false
    var contentAsText = Mode.enforce
    private var continueText = ""
    private var nudgeForm = Profile.NudgeForm.realtimeText
    private var nudgeText = " "

    /// Whether a rule may need to analyse the user's audio.
    var listens: Bool { noiseHold > .zero || flush != nil || swallowsFlushes }

    /// Measured from the end of the user's input, or the last sign of work.
    struct Clocks: Equatable, Sendable {
        /// Until a silent turn is nudged.
        var soft: Interval
        /// From one nudge to the next.
        var again: Interval
        /// Until it is moved to another connection, for the first time.
        var hard: Interval
        /// A model that is silent for longer is not slow, but stuck.
        var hardest: Interval
        /// The same for an answer that broke off: a model that is slow to begin need not be slow to
        /// continue, so its pauses are learned apart.
        var frozen: Interval
        var nudges: Bool

        /// When a turn is nudged that has been nudged `count` times.
        func nudge(after count: Int) -> Interval { soft + again * Int64(count) }

        /// When a turn is moved that has been moved `count` times. Each attempt waits longer than
        /// the one before: the same time again would not help an answer that is only slow.
        func move(after count: Int) -> Interval { min(hard * Int64(count + 1), hardest) }

        /// The same for an answer that broke off.
        func leave(after count: Int) -> Interval {
            min(frozen * Int64(count + 1), max(frozen, hardest))
        }
    }

    /// What is large is only looked into: to copy it would cost more than all the rest.
    init(
        policy: Boxed<Policy>, profile: Boxed<Profile>, setup: borrowing SetupState,
        learned: LearnedClocks?
    ) {
        let isManual = setup.isManualVAD
        let silenceDuration = setup.silenceDuration
        let rules = policy.value.turns.rules
        self.isManual = isManual
        audioOutsideActivity = rules[.audioOutsideActivity]
        repeatedActivity = rules[.repeatedActivity]
        emptyActivity = rules[.emptyActivity]
        shortActivity = rules[.shortActivity]
        streamEndInManual = rules[.streamEndInManual]
        earlyInput = rules[.earlyInput]
        deadAirMode = rules[.deadAir]
        streamEndOnPause = profile.value.isContinuous ? .off : rules[.streamEndOnPause]
        combinedInput = rules[.combinedInput]
        toolGate = rules[.toolGate]
        emptyTurn = rules[.emptyTurn]

        deadAir = policy.value.turns.deadAir
        minActivity = policy.value.turns.minActivity
        leadIn = policy.value.turns.leadIn
        noiseHoldMode = rules[.noiseHold]
        noiseHold = isManual && noiseHoldMode != .off ? policy.value.turns.noiseHold : .zero
        flushMode = rules[.flush]
        if isManual, flushMode != .off, policy.value.turns.flush != .off {
            swallowsFlushes = profile.value.flushHarms && !profile.value.isContinuous
            if !profile.value.flushHarms, setup.transcribesInput {
                flush = Self.flush(policy.value.turns.flush, profile)
            }
        }
        // Under manual detection, input made up for a pause would close the connection.
        if setup.isDetectionOpen { streamEndOnPause = .off }
        pause = policy.value.turns.pause
        // The service's detector needs its configured silence plus a margin; two seconds cured
        // every recorded case in which the family ignores the signal (failure catalogue 1.10).
        trailingSilence = max(.seconds(2), silenceDuration + .seconds(1))
        pauseForm = profile.value.pause
        gatesInputDuringTools = profile.value.gatesInputDuringTools
        idle = profile.value.idle
        buffer = policy.value.limits.buffer
        holdAudio = policy.value.recovery.holdAudio
        replays =
            policy.value.recovery.replay && policy.value.recovery.attempts > 0
            && !profile.value.isContinuous
        answersWithSilence = profile.value.answersWithSilence
        mayBeSilent =
            profile.value.answersWithSilence || setup.isProactive || profile.value.isContinuous
        rejectsContent = profile.value.rejectsClientContent
        contentAsText = rules[.contentAsText]
        continueText = policy.value.recovery.continueText ?? profile.value.continueText
        nudgeForm = profile.value.nudge
        nudgeText = policy.value.stalls.nudgeText
        if !profile.value.isContinuous, !setup.isProactive, !setup.isDetectionOpen {
            clocks = Self.clocks(policy.value.stalls, profile, setup, learned)
        }
    }

    private static func flush(_ choice: Choice<Interval>, _ profile: Boxed<Profile>) -> Interval? {
        switch choice {
        case .profile: profile.value.flush
        case .off: nil
        case .value(let interval): interval
        }
    }

    private static func clocks(
        _ stalls: Policy.Stalls, _ profile: Boxed<Profile>, _ setup: borrowing SetupState,
        _ learned: LearnedClocks?
    ) -> Clocks? {
        let own =
            setup.thinks ? profile.value.thinkingSoft ?? profile.value.soft : profile.value.soft
        // The time allowed for the answer to a nudge.
        let answer = learned.map { $0.hard - $0.soft } ?? Self.answer
        let soft: Interval?
        var (again, frozen) = (answer, Interval.zero)
        switch stalls.soft {
        case .profile:
            soft = max(own, learned?.soft ?? .zero)
        case .off: soft = nil
        case .value(let value):
            soft = value
            again = value
            frozen = value + Self.answer
        }
        let hard, hardest: Interval
        switch stalls.hard {
        case .profile:
            let own =
                setup.thinks ? profile.value.thinkingHard ?? profile.value.hard : profile.value.hard
            hard = max(own, (soft ?? .zero) + answer)
            hardest = max(hard, own * ResponseTimes.most)
            frozen = max(own, frozen, learned?.frozen ?? .zero)
        case .off:
            guard soft != nil else { return nil }
            hard = .seconds(86_400)
            (hardest, frozen) = (hard, hard)
        case .value(let value): (hard, hardest, frozen) = (value, value, value)
        }
        let first = soft ?? hard
        return Clocks(
            soft: first, again: max(first, again), hard: hard, hardest: hardest, frozen: frozen,
            nudges: soft != nil)
    }

    /// If the model's pace is unknown.
    private static let answer = Interval.seconds(2)

    /// The message that asks a silent model to speak, in the form its family accepts.
    func nudge(saying results: ToolCalls.InWords?) -> [UInt8] {
        if let results { return ask(results) }
        switch nudgeForm {
        case .realtimeText: return Compose.text(nudgeText)
        case .clientContent:
            let isBlank = nudgeText.allSatisfy(\.isWhitespace)
            return isBlank ? Compose.turnComplete : ask(nudgeText)
        }
    }

    /// Our own words that ask for an answer.
    func ask(_ words: String) -> [UInt8] {
        switch nudgeForm {
        case .realtimeText: Compose.text(words)
        case .clientContent: Compose.content([.init(.user, words)], turnComplete: true)
        }
    }

    /// Asks for an answer to results; only content can contain their pictures and files.
    func ask(_ results: ToolCalls.InWords) -> [UInt8] {
        results.parts.isEmpty || rejectsContent
            ? ask(results.text)
            : Compose.content(
                [.init(.user, results.text, and: results.parts)], turnComplete: true)
    }

    /// Whether those cannot be told.
    func cuts(_ results: ToolCalls.InWords?) -> Bool {
        rejectsContent && results.map { !$0.parts.isEmpty } ?? false
    }

    /// Text may accompany audio in one activity, as part of the same question.
    var takesTextInActivity: Bool { nudgeForm == .realtimeText }

    private static let sentenceEnds = ".!?\u{2026}\u{3002}\u{0964}\u{061F}"

    /// After the last complete sentence; nil if there is none. The dot in "3.50" or "example.com"
    /// ends none, nor does one after a digit that comes last.
    private static func sentenceEnd(in spoken: String) -> String.Index? {
        var place = spoken.endIndex
        var next: Character?
        while place > spoken.startIndex {
            let behind = place
            place = spoken.index(before: place)
            let character = spoken[place]
            if sentenceEnds.contains(character) {
                guard character == "." else { return behind }
                let isAfterDigit =
                    place > spoken.startIndex && spoken[spoken.index(before: place)].isNumber
                let isEnd = next.map { !$0.isLetter && !$0.isNumber } ?? !isAfterDigit
                if isEnd { return behind }
            }
            next = character
        }
        return nil
    }

    /// Asks for the rest of a reply that broke off, starting after its last complete sentence.
    ///
    /// - Parameter isWritten: What was shown of it is known to the letter, and can be continued
    ///   there.
    func request(toGoOnFrom spoken: String, isWritten: Bool) -> String {
        let end = isWritten ? nil : Self.sentenceEnd(in: spoken)
        let whole = end.map { spoken[..<$0] } ?? spoken[...]
        return continueText.replacing("{words}", with: whole.suffix(80))
    }
}

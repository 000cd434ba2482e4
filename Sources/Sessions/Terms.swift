import Basics
import Policies
import Wire

/// The part of policy, profile and setup that rules ask for on every message, laid out flat.
/// Made anew when one of the three changes.
struct Terms: Equatable, Sendable {
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
    var noiseHoldMode = Mode.enforce
    var flushMode = Mode.enforce

    var deadAir = Interval.zero
    var minActivity = Interval.zero
    var leadIn = Interval.zero
    /// How much voice proves an activity; zero where nobody asks.
    var noiseHold = Interval.zero
    /// How often a long activity is flushed; `nil`: never.
    var flush: Interval?
    /// The client's own flushes do harm.
    var swallowsFlushes = false
    var pause = Interval.zero
    /// How long silence is streamed after a pause, on families that need to hear it.
    var trailingSilence = Interval.zero
    var pauseForm = Profile.PauseForm.audioStreamEnd
    var gatesInputDuringTools = false
    var idle = Profile.IdleSignal.turnComplete
    var buffer = 4 << 20
    /// How much sound is kept to be sent again, or until it can be sent.
    var holdAudio = Interval.zero
    var replays = false
    /// `nil`: nobody watches for stalls.
    var clocks: Clocks?
    /// A turn that is completed without a word is legal.
    var mayBeSilent = false
    /// A turn without any answer is silent, not lost.
    var answersWithSilence = false
    private var nudgeForm = Profile.NudgeForm.realtimeText
    private var nudgeText = " "

    /// Some rule may want to know how the user sounds.
    var listens: Bool { noiseHold > .zero || flush != nil || swallowsFlushes }

    /// From the end of the user's input, or the last sign of work.
    struct Clocks: Equatable, Sendable {
        var soft: Interval
        /// From one nudge to the next.
        var again: Interval
        var hard: Interval
        var nudges: Bool

        /// When a turn is nudged that has been so many times.
        func nudge(after count: Int) -> Interval { soft + again * Int64(count) }
    }

    init(policy: Policy, profile: Profile, setup: SetupState, patience: LearnedClocks?) {
        let isManual = setup.isManualVAD
        let silenceDuration = setup.silenceDuration
        let rules = policy.turns.rules
        self.isManual = isManual
        audioOutsideActivity = rules[.audioOutsideActivity]
        repeatedActivity = rules[.repeatedActivity]
        emptyActivity = rules[.emptyActivity]
        shortActivity = rules[.shortActivity]
        streamEndInManual = rules[.streamEndInManual]
        earlyInput = rules[.earlyInput]
        deadAirMode = rules[.deadAir]
        streamEndOnPause = profile.isContinuous ? .off : rules[.streamEndOnPause]
        combinedInput = rules[.combinedInput]
        toolGate = rules[.toolGate]

        deadAir = policy.turns.deadAir
        minActivity = policy.turns.minActivity
        leadIn = policy.turns.leadIn
        noiseHoldMode = rules[.noiseHold]
        noiseHold = isManual && noiseHoldMode != .off ? policy.turns.noiseHold : .zero
        flushMode = rules[.flush]
        if isManual, flushMode != .off, policy.turns.flush != .off {
            swallowsFlushes = profile.flushHarms && !profile.isContinuous
            if !profile.flushHarms, setup.transcribesInput {
                flush = Self.flush(policy.turns.flush, profile)
            }
        }
        pause = policy.turns.pause
        // The service's detector wants its own silence plus a margin; two seconds cured every
        // case on record where the family ignores the signal (failure catalogue 1.10).
        trailingSilence = max(.seconds(2), silenceDuration + .seconds(1))
        pauseForm = profile.pause
        gatesInputDuringTools = profile.gatesInputDuringTools
        idle = profile.idle
        buffer = policy.limits.buffer
        // More than a minute ahead of real time and the service ends the connection.
        holdAudio = min(policy.recovery.holdAudio, .seconds(50))
        replays = policy.recovery.replay && policy.recovery.attempts > 0 && !profile.isContinuous
        answersWithSilence = profile.answersWithSilence
        mayBeSilent = profile.answersWithSilence || setup.isProactive || profile.isContinuous
        nudgeForm = profile.nudge
        nudgeText = policy.stalls.nudgeText
        if !profile.isContinuous, !setup.isProactive {
            clocks = Self.clocks(policy.stalls, profile, setup, patience)
        }
    }

    private static func flush(_ choice: Choice<Interval>, _ profile: Profile) -> Interval? {
        switch choice {
        case .profile: profile.flush
        case .off: nil
        case .value(let interval): interval
        }
    }

    private static func clocks(
        _ stalls: Policy.Stalls, _ profile: Profile, _ setup: SetupState, _ learned: LearnedClocks?
    ) -> Clocks? {
        let soft: Interval?
        switch stalls.soft {
        case .profile:
            let floor = setup.thinks ? profile.thinkingSoft ?? profile.soft : profile.soft
            soft = max(floor, learned?.soft ?? .zero)
        case .off: soft = nil
        case .value(let value): soft = value
        }
        // What the answer to a nudge may take.
        let answer = learned.map { $0.hard - $0.soft }
        let hard: Interval
        switch stalls.hard {
        case .profile:
            let own = setup.thinks ? profile.thinkingHard ?? profile.hard : profile.hard
            hard = max(own, (soft ?? .zero) + (answer ?? .seconds(2)))
        case .off:
            guard soft != nil else { return nil }
            hard = .seconds(86_400)
        case .value(let value): hard = value
        }
        let first = soft ?? hard
        return Clocks(
            soft: first, again: max(first, answer ?? .zero), hard: hard, nudges: soft != nil)
    }

    /// The words that ask a mute model to speak, in the form its family accepts.
    func nudge(saying words: String?) -> [UInt8] {
        if let words { return ask(words) }
        switch nudgeForm {
        case .realtimeText: return Compose.text(nudgeText)
        case .clientContent:
            let isBlank = nudgeText.allSatisfy(\.isWhitespace)
            return isBlank ? Compose.turnComplete : ask(nudgeText)
        }
    }

    /// Words of ours that want an answer.
    func ask(_ words: String) -> [UInt8] {
        switch nudgeForm {
        case .realtimeText: Compose.text(words)
        case .clientContent: Compose.content([.init(.user, words)], turnComplete: true)
        }
    }
}

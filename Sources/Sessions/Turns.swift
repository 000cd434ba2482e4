import Basics
import Policies
import Wire

/// The current turn of the conversation, and how long it has waited. Every turn that asked for an
/// answer ends with exactly one outcome and one fact.
struct Turns {
    enum State: Equatable {
        case idle
        /// The user's input ended, and there is no reaction yet.
        case asked
        /// The model speaks, or waits for a tool.
        case answering
    }
    private(set) var state = State.idle
    private(set) var number = 0
    private(set) var input = TurnInput.none
    /// End of the user's input, or the last sign that the model is working: stall clocks run from
    /// here.
    private(set) var waitingSince = Instant(nanoseconds: 0)
    /// The model's last output, or the input that made it continue.
    private(set) var workedAt = Instant(nanoseconds: 0)
    /// The model's last output.
    private(set) var spokeAt = Instant(nanoseconds: 0)
    private(set) var askedAt = Instant(nanoseconds: 0)
    /// When the last tool result was given; no audio is expected before.
    private var resultAt = Instant(nanoseconds: 0)
    /// The model was speaking when it was given: until then, its speech belongs to that sentence.
    private var sentenceUntil: Instant?
    /// That sentence had ended before: the next end is the answer's.
    private var isSentenceEnded = false
    /// The sentence may have been anywhere: it lasts until its end, or a gap.
    private var mayGoOn = false
    /// Longer than sound pauses on its way.
    private static let gap = Interval.milliseconds(500)
    /// When the turn began; later calls belong to it.
    private(set) var began = Instant(nanoseconds: 0)
    /// The user's words were transcribed.
    private(set) var isTranscribed = false
    /// A tool's result was the last input.
    private(set) var awaitsAfterTool = false
    private(set) var followsInterruption = false
    private var wasInterrupted = false
    /// When the user last asked again before an answer was over: `interrupted` may still come for
    /// it.
    private(set) var supersededAt: Instant?
    /// A sound of the answer was heard, or a word read, since the question or the newest result.
    private var wasHeard = false
    /// The same for a call.
    private var hasCalled = false
    /// Response tokens in gemini's newest report; -1 if it left them out.
    var reported: Int64?
    /// `interactionStatus: IN_PROGRESS` came last.
    private(set) var isInProgress = false
    /// It has said so since the newest result.
    private(set) var isWorkingOnResult = false
    private(set) var hasAnswered = false
    /// An interrupted answer's `turnComplete` is still to come; it ends nothing.
    private(set) var owesTurnComplete = false
    /// More of that answer may also come before it.
    private(set) var rest = Rest()
    /// The question was sent again, or nudged for, and no part of an answer has been heard since.
    private(set) var isSaidAgain = false
    /// Interruptions that were hidden from the client: each has an end that ends nothing.
    var endsToHide = 0
    /// Interrupted questions that the connection was asked again, and may interrupt again.
    var interruptionsSaidAgain = 0
    /// Remedies tried for this turn.
    private(set) var nudges = 0
    var moves = 0
    /// Turns in a row that completed without output.
    var mute = 0
    /// This many are not an accident.
    static let muteRun = 2
    /// The same if silence is legal.
    private var silences = 0
    /// How the last of them failed to be an answer.
    var muteness = Stall.emptyTurn
    var rejected = 0

    /// Since the last end the model has only made calls that were answered from memory.
    var isAtRememberedCall = false
    /// How often its answer was continued after it broke off.
    private(set) var continuations = 0
    /// The rest of a cut answer was requested, and nothing of it has come.
    private(set) var awaitsRest = false
    /// Only a voice shows that there was a question.
    private(set) var isUnproven = false

    var isIdle: Bool { state == .idle }

    // MARK: The user

    /// A turn was asked less than `reach` ago, and there is no reaction yet.
    func isUnanswered(for reach: Interval, at now: Instant) -> Bool {
        state == .asked && now < askedAt + reach
    }

    /// The rest of an answer that may still come after the user has asked over it.
    struct Rest {
        var until = Instant(nanoseconds: 0)
        /// If more of it comes, it may last this long again: the model is uninterruptible.
        var lull = Interval.zero
        /// It is being spoken: `interrupted` means that nothing more comes.
        var isSpoken = false
    }

    /// The user's input is complete and asks for an answer.
    ///
    /// - Parameters:
    ///   - isProven: The client said so, or gemini transcribed the input.
    ///   - rest: The part of the previous answer that may still come.
    mutating func asked(
        _ input: TurnInput, isProven: Bool = true, rest: Rest = Rest(), at now: Instant,
        into out: inout Actions
    ) {
        let interrupts = state == .answering
        if !isIdle {
            end(.interrupted, into: &out)
            supersededAt = now
        }
        begin(input, at: now, into: &out)
        isUnproven = !isProven
        if interrupts {
            owesTurnComplete = true
            self.rest = rest
        }
        followsInterruption = interrupts || wasInterrupted
        wasInterrupted = false
        state = .asked
        askedAt = now
        waitingSince = now
    }

    /// The user continued after the sign that there was a question.
    mutating func questionEnded(at ended: Instant) { askedAt = max(askedAt, ended) }

    /// How long the question, or the newest result, has been without a sound; nil if there is none,
    /// or a sound was heard. Of a question that the service found by itself it is unknown.
    @inline(__always) private func unheard(at now: Instant) -> Interval? {
        guard state != .idle, !wasHeard else { return nil }
        if state == .asked { return input == .none ? nil : now - askedAt }
        if input == .none { return awaitsAfterTool ? now - resultAt : nil }
        return now - max(askedAt, resultAt)
    }

    /// The model has called: how long it took to react at all, if this is its first reaction.
    mutating func called(at now: Instant) -> Interval? {
        defer { hasCalled = true }
        return hasCalled ? nil : unheard(at: now)
    }

    /// A tool's result was sent to a model that continues with the same turn.
    ///
    /// - Parameters:
    ///   - tail: How long the rest of a sentence begun before may be on its way.
    ///   - isEnded: The end of that sentence is not on its way.
    ///   - mayGoOn: The model says that sentence to its end before it answers.
    mutating func toolAnswered(
        tail: Interval?, isEnded: Bool, mayGoOn: Bool = false, at now: Instant
    ) {
        waitingSince = now
        workedAt = now
        awaitsAfterTool = true
        resultAt = now
        isWorkingOnResult = false
        wasHeard = false
        hasCalled = false
        sentenceUntil = tail.map { now + (mayGoOn ? max($0, Self.gap) : $0) }
        isSentenceEnded = isEnded
        self.mayGoOn = mayGoOn
    }

    /// The model's current speech was on its way when the result was given: the end of its
    /// sentence, not the answer (failure catalogue 16.4).
    func isOldSentence(at now: Instant) -> Bool {
        awaitsAfterTool && sentenceUntil.map { now < $0 } ?? false
    }

    /// A result was given this long ago, and nothing has come since.
    func hasIgnoredResult(for time: Interval, at now: Instant) -> Bool {
        awaitsAfterTool && now - resultAt >= time && !isOldSentence(at: now)
    }

    /// The model ended its turn. However soon after the result, that is the end of the answer if
    /// the sentence before the call had its own end.
    mutating func sawEnd() {
        if state == .answering, isSentenceEnded { awaitsAfterTool = false }
        if mayGoOn { sentenceUntil = nil }
    }

    /// The question was asked again.
    mutating func restarted(at now: Instant) {
        waitingSince = now
        isInProgress = false
        isSaidAgain = true
        reported = nil
        endsToHide = 0
        interruptionCompleted()
        if state == .answering { state = .asked }
    }

    /// The model was asked again for the answer it owes. If an end is owed as well, it may be that
    /// of a barge-in.
    mutating func nudged() {
        nudges += 1
        guard !owesTurnComplete, !isSaidAgain else { return }
        isSaidAgain = true
        endsToHide = 0
    }

    /// The answer broke off, and its rest is requested.
    mutating func continued() {
        continuations += 1
        awaitsRest = true
    }

    /// The whole answer is requested again.
    mutating func beganAnew() { awaitsRest = false }

    /// There is no rest: the reply was whole.
    mutating func hadNoRest() {
        assert(state == .asked && awaitsRest, "the rest of no answer is missing")
        awaitsRest = false
        state = .answering
    }

    /// What was taken for an answer is not one.
    mutating func judgedUnanswered() {
        awaitsRest = false
        reported = nil
        if state == .answering { state = .asked }
    }

    // MARK: The model

    /// The model works on an answer.
    mutating func sawWork(at now: Instant) {
        guard !isIdle else { return }
        waitingSince = now
        workedAt = now
        if isRest(at: now) { rest.until = max(rest.until, now + rest.lull) }
    }

    /// The user's words were transcribed: perhaps those of an earlier question, so this says
    /// nothing about a reply.
    mutating func sawTranscript(at now: Instant) {
        guard !isIdle else { return }
        waitingSince = now
        isTranscribed = true
        isUnproven = false
    }

    /// The wait for the answer begins only now.
    mutating func isMissed(from now: Instant) { if !isIdle { waitingSince = now } }

    /// Whether the model's output still belongs to the answer that the user interrupted.
    func isRest(at now: Instant) -> Bool { state == .asked && now < rest.until }

    /// - Parameter isWritten: The answer is text, without audio.
    mutating func spoke(
        at now: Instant, hasAudio: Bool, isWritten: Bool, into out: inout Actions
    ) {
        // The service found the end of speech itself, or speaks unasked.
        if state == .idle { begin(.none, at: now, into: &out) }
        if !wasHeard, hasAudio || isWritten, !isOldSentence(at: now) {
            if let unheard = unheard(at: now) {
                out.note(
                    hasAudio
                        ? .firstAudio(number, after: unheard) : .firstText(number, after: unheard))
            }
            wasHeard = true
        }
        state = .answering
        waitingSince = now
        workedAt = now
        spokeAt = now
        owesTurnComplete = false
        awaitsRest = false
        rest = Rest()
        if !isOldSentence(at: now) {
            awaitsAfterTool = false
        } else if mayGoOn {
            sentenceUntil = now + Self.gap
        }
        isSaidAgain = false
        endsToHide = 0
        interruptionsSaidAgain = 0
        hasAnswered = true
        mute = 0
        silences = 0
    }

    /// The model may be silent, and was. Whether that makes a run, reported once.
    mutating func isSilentRun() -> Bool {
        silences += 1
        return silences == Self.muteRun
    }

    mutating func progressed(_ content: ServerMessage.Content) {
        if content.contains(.inProgress) { (isInProgress, isWorkingOnResult) = (true, true) }
        if content.contains(.idle) { (isInProgress, isWorkingOnResult) = (false, false) }
    }

    /// `interrupted` ended the answer, or the work on it. A question asked since then is not
    /// affected: `isStillAsking` means that the user has spoken again since that question.
    mutating func interrupted(isStillAsking: Bool, into out: inout Actions) -> Bool {
        rest = Rest()
        guard state == .answering || state == .asked && isStillAsking else { return false }
        end(.interrupted, into: &out)
        owesTurnComplete = true
        wasInterrupted = true
        return true
    }

    mutating func interruptionCompleted() {
        owesTurnComplete = false
        rest = Rest()
    }

    /// The model withdrew its calls, as it does when the user moves on from them: with or without a
    /// following `interrupted`, nothing more of that answer is on its way.
    mutating func callsWithdrawn() {
        rest = Rest()
        workedAt = Instant(nanoseconds: 0)
    }

    mutating func completed(_ outcome: TurnOutcome, into out: inout Actions) {
        guard !isIdle else { return }
        end(outcome, into: &out)
    }

    /// There will be no answer.
    mutating func abandoned(_ outcome: TurnOutcome, into out: inout Actions) {
        guard !isIdle else { return }
        end(outcome, into: &out)
    }

    private mutating func begin(_ input: TurnInput, at now: Instant, into out: inout Actions) {
        assert(state == .idle, "a turn begins inside another")
        number += 1
        began = now
        self.input = input
        nudges = 0
        moves = 0
        continuations = 0
        awaitsRest = false
        isUnproven = false
        isTranscribed = false
        wasHeard = false
        hasCalled = false
        reported = nil
        awaitsAfterTool = false
        isSaidAgain = false
        isInProgress = false
        out.note(.turnStarted(number, input))
    }

    private mutating func end(_ outcome: TurnOutcome, into out: inout Actions) {
        assert(state != .idle, "a turn ends that has not begun")
        out.note(.turnEnded(number, outcome))
        isAtRememberedCall = false
        // Its `interrupted` would have come before the answer.
        if outcome == .answered { supersededAt = nil }
        state = .idle
    }
}

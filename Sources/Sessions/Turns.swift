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
    /// The model's last output, or what made it go on.
    private(set) var workedAt = Instant(nanoseconds: 0)
    /// The model's last output.
    private(set) var spokeAt = Instant(nanoseconds: 0)
    private(set) var askedAt = Instant(nanoseconds: 0)
    /// When the last tool result was given; no audio is expected before.
    private var resultAt = Instant(nanoseconds: 0)
    /// The model was speaking when it was given: until then, what it says is of that sentence.
    private var sentenceUntil: Instant?
    /// And that sentence had its end before: the next one is the answer's.
    private var isSentenceEnded = false
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
    private var wasHeard = false
    /// `interactionStatus: IN_PROGRESS` came last.
    private(set) var isInProgress = false
    private(set) var hasAnswered = false
    /// An interrupted answer's `turnComplete` is still to come; it ends nothing.
    private(set) var owesTurnComplete = false
    /// Of that answer more may come, too, before it.
    private(set) var rest = Rest()
    /// The question was said again, or nudged for, and nothing was heard of an answer since.
    private(set) var isSaidAgain = false
    /// Interruptions the client was not told of: each has an end that ends nothing.
    var endsToHide = 0
    /// Interrupted questions that the connection was asked again, and may interrupt again.
    var interruptionsSaidAgain = 0
    /// Remedies tried for this turn.
    private(set) var nudges = 0
    var moves = 0
    /// Connections closed because of its question as invalid.
    var refusals = 0
    /// Turns in a row that completed without output.
    var mute = 0
    /// So many of them are no accident.
    static let muteRun = 2
    /// The same where that is legal.
    private var silences = 0
    /// In which way the last of them failed to be an answer.
    var muteness = Stall.emptyTurn
    var rejected = 0

    /// Since the last end the model has only made calls that were answered from memory.
    var isAtRememberedCall = false
    /// How often its answer was continued after it broke off.
    private(set) var continuations = 0
    /// The rest of an answer that broke off was asked for, and nothing of it has come.
    private(set) var awaitsRest = false
    /// Only a voice indicates that there was a question.
    private(set) var isUnproven = false

    var isIdle: Bool { state == .idle }

    // MARK: The user

    /// A turn was asked less than `reach` ago, and there is no reaction yet.
    func isUnanswered(for reach: Interval, at now: Instant) -> Bool {
        state == .asked && now < askedAt + reach
    }

    /// What may still come of an answer that the user asked over.
    struct Rest {
        var until = Instant(nanoseconds: 0)
        /// With more of it, it may go on for as long again: nobody may interrupt the model.
        var lull = Interval.zero
        /// It is being spoken: `interrupted` says that nothing more comes.
        var isSpoken = false
    }

    /// The user's input is complete and asks for an answer.
    ///
    /// - Parameters:
    ///   - isProven: the client said so, or gemini wrote down what was said.
    ///   - rest: what may still come of the answer before.
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

    /// The user went on behind what showed that there was a question.
    mutating func questionEnded(at ended: Instant) { askedAt = max(askedAt, ended) }

    /// How long the question, or the newest result, has been without a sound; nil if there is none, or
    /// it has been heard.
    func unheard(at now: Instant) -> Interval? {
        guard state != .idle, !wasHeard, input != .none else { return nil }
        return now - (state == .asked ? askedAt : max(askedAt, resultAt))
    }

    /// A tool's result was sent to a model that continues with the same turn.
    ///
    /// - Parameters:
    ///   - tail: How long the rest of a sentence that had begun before may be under way.
    ///   - isEnded: The end of that sentence is not.
    mutating func toolAnswered(tail: Interval?, isEnded: Bool, at now: Instant) {
        waitingSince = now
        workedAt = now
        awaitsAfterTool = true
        resultAt = now
        sentenceUntil = tail.map { now + $0 }
        isSentenceEnded = isEnded
    }

    /// What the model says now was under way when the result was given: the end of its sentence,
    /// not the answer (failure catalogue 16.4).
    func isOldSentence(at now: Instant) -> Bool {
        awaitsAfterTool && sentenceUntil.map { now < $0 } ?? false
    }

    /// A result has been there for so long, and nothing has come since.
    func hasIgnoredResult(for time: Interval, at now: Instant) -> Bool {
        awaitsAfterTool && now - resultAt >= time && !isOldSentence(at: now)
    }

    /// The model ended its turn. However soon after the result, that is the end of the answer if the
    /// sentence before the call had its own.
    mutating func sawEnd() {
        if state == .answering, isSentenceEnded { awaitsAfterTool = false }
    }

    /// The question was asked again.
    mutating func restarted(at now: Instant) {
        waitingSince = now
        isInProgress = false
        isSaidAgain = true
        endsToHide = 0
        interruptionCompleted()
        if state == .answering { state = .asked }
    }

    /// The model was asked again for what it owes. Where an end is owed as well, it may be that of a
    /// barge-in.
    mutating func nudged() {
        nudges += 1
        guard !owesTurnComplete, !isSaidAgain else { return }
        isSaidAgain = true
        endsToHide = 0
    }

    /// The answer broke off, and its rest is asked for.
    mutating func continued() {
        continuations += 1
        awaitsRest = true
    }

    /// The whole answer is asked for again.
    mutating func beganAnew() { awaitsRest = false }

    /// There is no rest: it broke off behind its last word.
    mutating func hadNoRest() {
        assert(state == .asked && awaitsRest, "the rest of no answer is missing")
        awaitsRest = false
        state = .answering
    }

    /// What was taken for an answer is none.
    mutating func judgedUnanswered() {
        awaitsRest = false
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

    /// Words of the user's were written down: perhaps of a question before, so they say nothing of a
    /// reply.
    mutating func sawTranscript(at now: Instant) {
        guard !isIdle else { return }
        waitingSince = now
        isTranscribed = true
        isUnproven = false
    }

    /// The answer is waited for only from now on.
    mutating func isMissed(from now: Instant) { if !isIdle { waitingSince = now } }

    /// Whether the model's output still belongs to the answer that the user interrupted.
    func isRest(at now: Instant) -> Bool { state == .asked && now < rest.until }

    /// - Parameter isWritten: The answer is text, without audio.
    mutating func spoke(
        at now: Instant, hasAudio: Bool, isWritten: Bool, into out: inout Actions
    ) {
        switch state {
        case .idle:
            // The service found the end of speech itself, or speaks unasked.
            begin(.none, at: now, into: &out)
            state = .answering
        case .asked, .answering:
            if hasAudio || isWritten, let unheard = unheard(at: now) {
                out.note(
                    hasAudio
                        ? .firstAudio(number, after: unheard) : .firstText(number, after: unheard))
            }
            state = .answering
        }
        if hasAudio || isWritten { wasHeard = true }
        waitingSince = now
        workedAt = now
        spokeAt = now
        owesTurnComplete = false
        awaitsRest = false
        rest = Rest()
        if !isOldSentence(at: now) { awaitsAfterTool = false }
        isSaidAgain = false
        endsToHide = 0
        interruptionsSaidAgain = 0
        hasAnswered = true
        mute = 0
        silences = 0
    }

    /// The model may be silent, and was. Whether that makes a run, told once.
    mutating func isSilentRun() -> Bool {
        silences += 1
        return silences == Self.muteRun
    }

    mutating func progressed(_ content: ServerMessage.Content) {
        if content.contains(.inProgress) { isInProgress = true }
        if content.contains(.idle) { isInProgress = false }
    }

    /// `interrupted` ended the answer, or the work on it. A question asked since then is not
    /// affected: `isStillAsking` says that the user speaks again since this one.
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

    /// The model withdrew its calls, as it does when the user goes on from them: with or without an
    /// `interrupted` behind it, nothing more of that answer is under way.
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
        refusals = 0
        continuations = 0
        awaitsRest = false
        isUnproven = false
        isTranscribed = false
        wasHeard = false
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

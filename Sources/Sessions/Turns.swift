import Basics
import Policies
import Wire

/// Which turn the conversation is in, and how long it has waited. Every turn that asked for an
/// answer ends as exactly one outcome, with one fact.
struct Turns {
    enum State: Equatable {
        case idle
        /// The user's input ended, and nothing came back yet.
        case asked
        /// The model speaks, or waits for a tool.
        case answering
    }
    private(set) var state = State.idle
    private(set) var number = 0
    private(set) var input = TurnInput.none
    /// End of the user's input, or the last sign that the model is at work: stall clocks run from
    /// here.
    private(set) var waitingSince = Instant(nanoseconds: 0)
    private(set) var askedAt = Instant(nanoseconds: 0)
    /// When a tool's result was given last: until then nobody waits for a sound.
    private var resultAt = Instant(nanoseconds: 0)
    /// When the turn began; calls made since then are its own.
    private(set) var began = Instant(nanoseconds: 0)
    /// The user's words came back.
    private(set) var isTranscribed = false
    /// A tool's result was the last thing said.
    private(set) var awaitsAfterTool = false
    private(set) var followsInterruption = false
    private var wasInterrupted = false
    /// When the user last asked anew before an answer was over: `interrupted` may still come for it.
    private(set) var supersededAt: Instant?
    private var wasHeard = false
    /// `interactionStatus: IN_PROGRESS` was the last word.
    private(set) var isInProgress = false
    private(set) var hasAnswered = false
    /// An interrupted answer's `turnComplete` is still to come; it ends nothing.
    private(set) var owesTurnComplete = false
    /// What is left of that answer may be, too, before it.
    private var owesRest = false
    /// It was just being said: of a reply that had stopped long before nothing is under way.
    private var wasFlowing = false
    /// The question was said again, or nudged for, and nothing was heard of an answer since.
    private(set) var isSaidAgain = false
    /// Interruptions the client was not told of: each has an end that ends nothing.
    var endsToHide = 0
    /// Remedies tried for this turn.
    private(set) var nudges = 0
    var moves = 0
    /// Connections that were closed upon its question as upon an invalid one.
    var refusals = 0
    /// Turns in a row that were completed without a word.
    var mute = 0
    /// How the last of them failed to be an answer.
    var muteness = Stall.emptyTurn
    var rejected = 0

    /// Since the last end the model said nothing but calls that were answered from memory.
    var isAtRememberedCall = false
    /// How often its answer was gone on with after it broke off.
    var continuations = 0
    /// Nothing but a voice says that there was a question.
    private(set) var isUnproven = false

    var isIdle: Bool { state == .idle }

    // MARK: The user

    /// A turn was asked less than `reach` ago, and nothing came back yet.
    func isUnanswered(for reach: Interval, at now: Instant) -> Bool {
        state == .asked && now < askedAt + reach
    }

    /// The user's input is complete and asks for an answer.
    ///
    /// - Parameters:
    ///   - isProven: the client said so, or gemini wrote down what was said.
    ///   - isFlowing: an answer is being said, so that some of it may be under way.
    mutating func asked(
        _ input: TurnInput, isProven: Bool = true, isFlowing: Bool = false, at now: Instant,
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
            owesRest = true
            wasFlowing = isFlowing && now - waitingSince < Self.crossing
        }
        followsInterruption = interrupts || wasInterrupted
        wasInterrupted = false
        state = .asked
        askedAt = now
        waitingSince = now
    }

    /// A tool's result was given to a model that goes on with the same turn.
    mutating func toolAnswered(at now: Instant) {
        waitingSince = now
        awaitsAfterTool = true
        resultAt = now
    }

    /// The question was put again.
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

    /// What was taken for an answer is none.
    mutating func judgedUnanswered() { if state == .answering { state = .asked } }

    // MARK: The model

    /// A sign of life that is no answer yet.
    mutating func sawWork(at now: Instant, transcript: Bool = false) {
        guard !isIdle else { return }
        waitingSince = now
        if transcript {
            isTranscribed = true
            isUnproven = false
        }
    }

    /// Whether what the model says now is still of the answer the user cut short.
    func isRest(at now: Instant, patient: Bool) -> Bool {
        owesRest && state == .asked
            && (patient || wasFlowing && now < askedAt + Self.crossing)
    }

    /// How long what was said before a barge-in may be under way.
    private static let crossing = Interval.milliseconds(1500)

    mutating func spoke(at now: Instant, hasAudio: Bool, into out: inout Actions) {
        switch state {
        case .idle:
            // The service found the end of speech itself, or speaks unasked.
            begin(.none, at: now, into: &out)
            state = .answering
        case .asked, .answering:
            if hasAudio, !wasHeard, input != .none {
                let since = state == .asked ? askedAt : max(askedAt, resultAt)
                out.note(.firstAudio(number, after: now - since))
            }
            state = .answering
        }
        if hasAudio { wasHeard = true }
        waitingSince = now
        owesTurnComplete = false
        owesRest = false
        awaitsAfterTool = false
        isSaidAgain = false
        endsToHide = 0
        hasAnswered = true
        mute = 0
    }

    mutating func progressed(_ content: ServerMessage.Content) {
        if content.contains(.inProgress) { isInProgress = true }
        if content.contains(.idle) { isInProgress = false }
    }

    /// `interrupted` cut the answer short, or the work on it. A question put since then is not
    /// meant: `isStillAsking` says that the user speaks again since this one.
    mutating func interrupted(isStillAsking: Bool, into out: inout Actions) -> Bool {
        owesRest = false
        guard state == .answering || state == .asked && isStillAsking else { return false }
        end(.interrupted, into: &out)
        owesTurnComplete = true
        wasInterrupted = true
        return true
    }

    mutating func interruptionCompleted() {
        owesTurnComplete = false
        owesRest = false
    }

    mutating func completed(_ outcome: TurnOutcome, into out: inout Actions) {
        guard !isIdle else { return }
        end(outcome, into: &out)
    }

    /// No answer will come any more.
    mutating func abandoned(_ outcome: TurnOutcome, into out: inout Actions) {
        guard !isIdle else { return }
        end(outcome, into: &out)
    }

    private mutating func begin(_ input: TurnInput, at now: Instant, into out: inout Actions) {
        number += 1
        began = now
        self.input = input
        nudges = 0
        moves = 0
        refusals = 0
        continuations = 0
        isUnproven = false
        isTranscribed = false
        wasHeard = false
        awaitsAfterTool = false
        isSaidAgain = false
        isInProgress = false
        out.note(.turnStarted(number, input))
    }

    private mutating func end(_ outcome: TurnOutcome, into out: inout Actions) {
        out.note(.turnEnded(number, outcome))
        isAtRememberedCall = false
        state = .idle
    }
}

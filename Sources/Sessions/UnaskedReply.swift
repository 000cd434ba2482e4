import Basics
import Wire

/// Replies that the user did not ask for: to context given to a fresh session, to a nudge that came
/// too late, to a question that was given up. They are hidden from the client.
struct UnaskedReply {
    enum Cause {
        case context, nudge
        /// The answer was awaited too long and given up.
        case late
        /// A call of the old connection that a replay made void.
        case carriedCall
    }

    /// Why the model's output is hidden from the client; `nil` if it is not.
    private(set) var cause: Cause?
    /// After this time it is no longer expected.
    private var until = Instant.distantFuture
    /// When the waiting turn was last nudged.
    var nudged: Instant?
    /// The user has since asked something else, and the model may still answer that nudge.
    private var isNudgeLeft = false
    /// A second reply may come, which may call again what the first called.
    var mayCallAgain: Bool { nudged != nil || isNudgeLeft }
    /// Until then a second reply, to the nudge, may follow the first.
    private var spareUntil: Instant?
    /// The same once the user has asked anew: then `interrupted` may belong to that second reply,
    /// or to a late one.
    private var cutOffUntil: Instant?
    /// Until then a bare end may belong to the output hidden so far: it and the user's question
    /// crossed.
    private var crossedUntil: Instant?

    /// A slow model takes as long again for the second reply.
    private static let spare = Interval.seconds(20)
    private static let most = Interval.seconds(60)

    mutating func expect(_ cause: Cause, until: Instant = .distantFuture) {
        self.cause = cause
        self.until = until
    }

    mutating func isOver(at now: Instant) -> Bool {
        if now >= until { end() }
        return cause == nil
    }

    mutating func end() {
        cause = nil
        until = .distantFuture
    }

    /// More of it came: its end is still to come, however long it takes.
    mutating func goesOn(at now: Instant) {
        if until != .distantFuture { until = max(until, now + Self.spare) }
    }

    /// A nudge may have been superfluous: then a second reply follows the first.
    mutating func turnAnswered(at now: Instant) {
        guard let nudged else { return }
        spareUntil = now + min(max(Self.spare, (now - nudged) * 2), Self.most)
        self.nudged = nil
    }

    /// The model speaks although no turn waits. True if that is due to the nudge.
    mutating func isSpare(userWasHeard: Bool, at now: Instant) -> Bool {
        guard cause == nil, let until = spareUntil else { return false }
        spareUntil = nil
        guard now < until, !userWasHeard else { return false }
        expect(.nudge, until: now + Self.spare)
        return true
    }

    /// `interrupted` with nothing open: whether it belongs to a second reply of which nothing was
    /// heard. There is at most one.
    mutating func isCutOff(at now: Instant) -> Bool {
        guard cause == nil, let until = spareUntil ?? cutOffUntil else { return false }
        spareUntil = nil
        cutOffUntil = nil
        return now < until
    }

    /// The reply is no longer awaited, and the user's new question is sent: the reply's end may be
    /// on its way.
    mutating func mayCross(until: Instant) { crossedUntil = until }

    /// An end without an answer: whether it is the one that crossed with the question.
    mutating func hasCrossed(at now: Instant) -> Bool {
        crossedUntil.take().map { now < $0 } ?? false
    }

    /// Whether one may still come.
    var mayBeSpare: Bool { spareUntil != nil && cause == nil }

    /// The user asks again: the next output answers that.
    ///
    /// - Parameter isPatient: The model is uninterruptible: it first answers what it was asked
    ///   before, and the nudge.
    mutating func asked(isPatient: Bool = false) {
        isNudgeLeft = isPatient && (nudged != nil || isNudgeLeft)
        nudged = nil
        cutOffUntil = cause == .late ? until : spareUntil ?? cutOffUntil
        spareUntil = nil
        if cause != .context { end() }
    }
}

extension ServerMessage.Content {
    static let end: Self = [.generationComplete, .turnComplete]

    /// The parts of a reply: everything except the user's transcript and unknown fields.
    static let reply: Self = [
        .modelTurn, .audio, .text, .thought, .otherPart, .generationComplete, .turnComplete,
        .interrupted, .outputTranscription, .waitingForInput, .groundingMetadata,
        .urlContextMetadata, .inProgress, .idle,
    ]
}

import Basics
import Policies
import Wire

// A question in two halves: an activity was ended for its silence, and its track comes back. A
// program that counts ends must see one.
extension Session {
    /// A track that stalls on a bad network is back by then, counted from its last frame. A dead
    /// track costs its user nothing: only the end of the answer waits.
    private static let comeback = Interval.seconds(5)

    /// Whether the end of the answer waits, because the user may not have ended the question.
    mutating func holdsEndOfHalf(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        let until = gate.lastInputAt + max(Self.comeback, rules.deadAir + .seconds(2))
        guard gate.isEndedEarly, now < until, turns.state == .answering, turns.input == .audio,
            downlink.reply.isOpen, !downlink.reply.isInterrupted, !turns.owesTurnComplete,
            !tools.isWaiting, message.content.isDisjoint(with: .interrupted),
            !goesOn(message.content),
            !isMute(message, payload, at: now),
            let held = ServerMessage.split(payload, .end).named
        else { return false }
        let isWhole = message.content.contains(.turnComplete)
        if isWhole { out.note(.ruleApplied(.deadAir, .enforce, detail: .messages(1))) }
        downlink.hold(held, until: isWhole ? until : nil)
        return true
    }

    /// What is ended is no answer, and will be asked for again. If the service says why, it is one.
    private mutating func isMute(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant
    ) -> Bool {
        rules.emptyTurn == .enforce && upstream.isUp && message.turnCompleteReason.isEmpty
            && muteness(message, payload, at: now) != nil
    }

    /// An answer is complete, and only its end waits.
    var isHalfAnswered: Bool { downlink.isHolding && turns.state == .answering }

    /// It was the end.
    mutating func showEndOfHalf(at now: Instant, into out: inout Actions) {
        guard isHalfAnswered else { return }
        downlink.releaseHeld(room: room, at: now, into: &out)
        turnCompleted(.turnComplete, at: now, into: &out)
    }

    /// The track is back. Gemini's further output for the first half is hidden from the client.
    mutating func halfGoesOn(at now: Instant, into out: inout Actions) {
        // An answer that is complete, and was shown as complete, has its end.
        guard !turns.isIdle, turns.input == .audio, !tools.isWaiting, !setup.forbidsInterruption,
            !downlink.reply.isGenerated
        else { return }
        let isWhole = isHalfAnswered
        if downlink.forgetHeld() { out.note(.byproductKept(.emptyTurn)) }
        let isAnswered = turns.state == .answering
        if isAnswered {
            downlink.mark { $0.halfEnded() }
            leaveCalls()
            if !isWhole { uplink.journal.replyWasToPart() }
            finishTurn(isWhole ? .answered : .interrupted, at: now, into: &out)
        }
        flush.resumed(isAnswered: isAnswered && !isWhole, at: now)
    }
}

import Basics
import Policies
import Wire

// What gemini closes on as invalid, with 1007, would close the next connection as well: nothing
// written is sent again unchanged, and sound, of which it may have been the moment, once (failure
// catalogue 16.15).
extension Session {
    enum AfterRefusal {
        /// Nothing that was sent explains it.
        case unexplained
        /// Another connection gets it changed, without it, or once more.
        case mended
        /// The unanswered input is not sent again.
        case final
    }

    mutating func refusal(into out: inout Actions) -> AfterRefusal {
        guard phase == .talking, policy.recovery.attempts > 0, canReturn else {
            return .unexplained
        }
        if case .settingUp = upstream.state {
            return recovery.isFresh && forgetChanges(into: &out) ? .mended : .unexplained
        }
        guard upstream.isUp || upstream.state == .catchingUp else { return .unexplained }
        if refusesContext() || refusesResult(into: &out) { return .mended }
        // A result that is also refused in words has had its second chance.
        if policy.recovery.replay, tools.haveRefused,
            turns.state == .asked || turns.awaitsAfterTool
        {
            return .final
        }
        let isAgain = policy.recovery.replay ? uplink.isRefusedAgain() : nil
        guard let written = uplink.newestWritten else {
            return isAgain.map { $0 ? .final : .mended } ?? .unexplained
        }
        let isQuestion = refuses(written.id, into: &out)
        return isQuestion || isAgain ?? false ? .final : .mended
    }

    /// Gemini closed on a written message of the client's.
    ///
    /// - Returns: It is what the turn asked.
    private mutating func refuses(_ id: Journal.ID, into out: inout Actions) -> Bool {
        let isQuestion =
            turns.state == .asked && turns.input == .text && id < uplink.journal.asked
            && uplink.journal.kind(of: id)?.asks ?? false
        setup.changes.refuse(id)
        uplink.journal.refuse(id)
        if !isQuestion { out.note(.contextLost(.zero)) }
        return isQuestion
    }

    /// Whether gemini refuses the setup for what the client has changed since.
    private mutating func forgetChanges(into out: inout Actions) -> Bool {
        guard !setup.changes.isEmpty else { return false }
        setup.changes = ContextChanges()
        out.note(.contextLost(.zero))
        return true
    }

    /// Whether gemini closed on context that this connection was sent aside. Then the model accepts
    /// no content in the middle of a session, whatever its profile says (wire reference 15.8), and
    /// from now on gets it with the next question. What the client has written since is likelier.
    private mutating func refusesContext() -> Bool {
        guard uplink.hasToldSilently, profile.takesSilentContext,
            uplink.newestWritten?.isAgain ?? true
        else { return false }
        var learned = profile
        learned.rejectsClientContent = true
        setProfile(learned)
        renewRules()
        return true
    }

    /// Whether gemini closed on a tool's result: a handle may not have known its call. The next
    /// connection gets the result in another form, so another try is worthwhile.
    private mutating func refusesResult(into out: inout Actions) -> Bool {
        guard policy.recovery.replay,
            turns.isIdle || turns.state == .asked || turns.awaitsAfterTool
        else { return false }
        let count = tools.refused(on: upstream.current)
        if count > 0 { out.note(.toolNoted(.refused, count)) }
        return count > 0
    }

    /// Gemini closed right behind a result that was sent again unchanged, with whatever code, and
    /// had said nothing on that connection: perhaps it does not know the call. The next connection
    /// is told the result in words.
    mutating func closedOnResult(_ close: Close, at now: Instant, into out: inout Actions) {
        guard let sent = uplink.resultAgainAt, now - sent <= Self.rightBehind,
            !uplink.isReplyHere, close.code != Close.abnormal.code,
            upstream.isUp || upstream.state == .catchingUp
        else { return }
        let count = tools.refused(on: upstream.current)
        if count > 0 { out.note(.toolNoted(.refused, count)) }
    }

    /// A service that refuses a message closes at once.
    private static let rightBehind = Interval.seconds(2)

    /// What is unanswered has been refused once too often. The next connection begins without it.
    mutating func giveUpRefused(_ close: Close, at now: Instant, into out: inout Actions) {
        upstream.state = .down
        recovery.close = close
        let sound = uplink.journal.refuseUnanswered()
        if sound > .zero { out.note(.inputDropped(sound)) }
        if gate.isOpen { gate.heardNothing() }
        tools.dropRefused()
        giveUpTurn(.closed(.invalid), "gemini refuses what was said", at: now, into: &out)
        guard phase == .talking else { return }
        lost(.closed(.invalid), close, at: now, into: &out)
    }
}

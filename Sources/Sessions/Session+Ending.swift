import Basics
import Policies
import Wire

// How a session ends. Each side gets one truthful close, and nothing follows.
extension Session {
    /// Marks a reason as ours, and names the session for the record.
    func words(_ reason: String) -> String { "turnkeeper: \(reason) (session \(id))" }

    /// The client has only connected.
    private var lacksSetup: Bool {
        (phase == .dialing || phase == .awaitingSetup) && returning.claim == nil
    }

    mutating func disconnected(
        _ event: Event, at now: Instant, into out: inout Actions
    ) {
        switch event {
        case .clientClosed(let close):
            if isParked { return }
            if close.code == Close.abnormal.code, park(close, by: .client, at: now, into: &out) {
                return
            }
            out.note(.closed(.client, close, by: .client))
            // Its message is complete, even if it does not wait for the answer.
            if phase == .talking, upstream.isUp {
                releaseFlushPairs(at: now, into: &out)
                releaseEnds(at: now, into: &out)
            }
            end(.completed, client: nil, gemini: close.relayed(orElse: Close(1000)), into: &out)
        case .geminiClosed(let connection, let close):
            geminiClosed(connection, close, at: now, into: &out)
        case .clientViolated(let close):
            // 1009 is `limits.message`.
            end(
                close.code == 1009 ? .limit : .refused, client: explained(close, into: &out),
                gemini: Close(1000), into: &out)
        case .geminiViolated(let connection, let close):
            guard connection == upstream.current else { return }
            geminiViolated(close, at: now, into: &out)
        case .clientStuck(let buffered):
            out.note(.limitReached(.buffer))
            let reason = words("the client does not read: \(buffered) bytes wait for it")
            end(.limit, client: Close(1013, reason), gemini: Close(1000), into: &out)
        case .opened, .clientSent, .clientSentMalformed, .dialed, .dialFailed, .geminiSent,
            .geminiSentMalformed, .geminiPonged, .clientPonged, .clientBehind, .clientUnread,
            .wokeUp, .policyChanged, .limitReached, .drained, .chosen, .learned, .recalled,
            .clientReturned, .superseded, .movedAway, .memoryShort:
            break
        }
    }

    private mutating func geminiClosed(
        _ connection: ConnectionID, _ close: Close, at now: Instant, into out: inout Actions
    ) {
        if connection == upstream.next {
            return dialFailed(
                .unreachable("gemini closed the new connection"), at: now, into: &out)
        }
        guard connection == upstream.current else { return }
        if case .parting = upstream.state { return connect(at: now, into: &out) }
        guard upstream.state != .down else { return }
        out.note(.closed(.gemini, close, by: .gemini))
        let cause = CloseCause(close)
        if upstream.isStale(cause) { return dialInstead(at: now, into: &out) }
        if cause != .invalid { closedOnResult(close, at: now, into: &out) }
        if cause == .invalid {
            switch refusal(into: &out) {
            case .unexplained: break
            case .mended: return lost(.closed(cause), close, at: now, into: &out)
            case .final: return giveUpRefused(close, at: now, into: &out)
            }
        }
        if !forgetsDeadHandle(cause), isFinal(cause) {
            let lost = Close(1011, words("the connection to gemini was lost without a close frame"))
            let isSaid = close.code != Close.abnormal.code
            return giveUp(
                .closed(cause), "gemini refuses the session", isSaid ? .geminiClosed : .unanswered,
                isSaid ? close : lost, into: &out)
        }
        lost(.closed(cause), close, at: now, into: &out)
    }

    /// Whether another attempt would get the same answer.
    private func isFinal(_ cause: CloseCause) -> Bool {
        if cause == .model, hasSibling { return false }
        if cause.verdict.isFinal || policy.recovery.attempts == 0 || !canReturn { return true }
        // The client's own setup was refused; a second copy would be too.
        if phase == .settingUp { return cause == .invalid || cause == .policy || cause == .handle }
        // A setup without a handle is refused for what it is, as is a credential that opens one
        // session.
        if case .settingUp = upstream.state, recovery.isFresh,
            cause == .invalid || setup.opensOnce && cause == .policy
        {
            return true
        }
        // A refused message from the client would be refused again when replayed.
        return cause == .invalid && recovery.trouble == .closed(.invalid) && recovery.isFresh
    }

    private mutating func geminiViolated(
        _ close: Close, at now: Instant, into out: inout Actions
    ) {
        out.note(.closed(.gemini, close, by: .turnkeeper))
        out.append(.close(.gemini, close))
        let reason = words("gemini broke the WebSocket protocol: \(close.reason)")
        let lost = Close(1011, reason)
        guard policy.recovery.attempts > 0, canReturn else {
            return end(.unanswered, client: lost, gemini: nil, into: &out)
        }
        self.lost(.closed(.other), lost, at: now, into: &out)
    }

    /// No sign of life, and a ping unanswered.
    mutating func geminiDied(at now: Instant, into out: inout Actions) {
        let patience = policy.upstream.dead.seconds
        let reason = words(
            "gemini has been silent for \(patience) s, pings unanswered (upstream.dead)")
        let lost = Close(1011, reason)
        guard policy.recovery.attempts > 0, canReturn else {
            return end(.unanswered, client: lost, gemini: .abnormal, into: &out)
        }
        out.note(.closed(.gemini, .abnormal, by: .turnkeeper))
        out.append(.close(.gemini, .abnormal))
        self.lost(.dead, lost, at: now, into: &out)
    }

    /// The connection being dialed did not open.
    mutating func dialFailed(
        _ failure: DialFailure, at now: Instant, into out: inout Actions
    ) {
        out.note(.dialFailed(upstream.next ?? 0, failure))
        upstream.nextFailed()
        if phase == .dialing {
            if isWorthWaiting(failure, at: now, into: &out) { return }
            return refuse(failure, into: &out)
        }
        if case .parting = upstream.state { upstream.state = .down }
        if failure.verdict.retry == .later { recovery.slowDown() }
        let why: String
        switch failure {
        case .refused(let status, _, _, _): why = "gemini refuses a new connection with \(status)"
        case .unreachable(let what): why = "gemini cannot be reached: \(what)"
        case .timedOut(let what): why = "gemini does not answer: \(what)"
        }
        out.note(.reconnectFailed(recovery.trouble ?? .closed(.other)))
        // This is gemini's latest answer.
        recovery.close = nil
        guard !failure.verdict.isFinal else {
            return refused(why, failure.closeCode, at: now, into: &out)
        }
        tryAgain(at: now, into: &out)
    }

    /// A restarting service is back in a moment; the client waits no longer than for a slow
    /// connection.
    private mutating func isWorthWaiting(
        _ failure: DialFailure, at now: Instant, into out: inout Actions
    ) -> Bool {
        switch failure {
        case .refused(let status, _, _, _): if status < 500 { return false }
        case .timedOut: return false
        case .unreachable: break
        }
        recovery.couldNotOpen()
        guard case .at(let due) = recovery.next(policy.recovery, at: now),
            due - recovery.since <= min(policy.upstream.connect, .seconds(4))
        else { return false }
        if due > now {
            upstream.dialAt = due
            out.note(.retrying(attempt: recovery.attempts + 1, after: due - now))
        } else {
            dialNext(at: now, into: &out)
        }
        return true
    }

    private mutating func refuse(_ failure: DialFailure, into out: inout Actions) {
        let refusal: Refusal
        switch failure {
        case .refused(let status, let contentType, let body, let retryAfter):
            let reason = words("gemini refused the connection: HTTP \(status)")
            refusal = Refusal(
                status: status, contentType: contentType, body: body, retryAfter: retryAfter,
                close: Close(failure.closeCode, reason))
        case .unreachable(let why):
            refusal = Refusal(
                status: 502, close: Close(1011, words("gemini cannot be reached: \(why)")))
        case .timedOut(let why):
            refusal = Refusal(
                status: 504, close: Close(1011, words("gemini does not answer: \(why)")))
        }
        out.append(.refuse(refusal))
        finish(failure.isOfTheRequest ? .refused : .unanswered, into: &out)
    }

    /// Closes what is still open; `nil` for a side that closed by itself.
    /// - Parameter outcome: `geminiClosed` if the client is sent gemini's close unchanged; all
    ///   other closes are ours, whatever they quote.
    mutating func end(
        _ outcome: SessionOutcome, client: Close?, gemini: Close?, into out: inout Actions
    ) {
        upstream.dropNext(into: &out)
        let outcome = outcome == .completed && lacksSetup ? .clientClosed : outcome
        // There is no client.
        let client = isParked ? nil : client
        let hasGemini = upstream.state != .down
        if phase == .dialing {
            if let client {
                out.append(.refuse(Refusal(status: 503, close: client)))
            }
        } else {
            if let gemini, hasGemini {
                out.note(.closed(.gemini, gemini, by: client == nil ? .client : .turnkeeper))
                out.append(.close(.gemini, gemini))
            }
            if let client {
                let author: Fact.Author = outcome == .geminiClosed ? .gemini : .turnkeeper
                out.note(.closed(.client, client, by: author))
                out.append(.close(.client, client))
            }
        }
        finish(outcome, into: &out)
    }

    private mutating func finish(_ outcome: SessionOutcome, into out: inout Actions) {
        turns.abandoned(outcome == .completed ? .interrupted : .lost, into: &out)
        retire(into: &out)
        phase = .closed
        returning = ClientReturn()
        uplink = Uplink()
        downlink = Downlink()
        tools = ToolCalls()
        out.note(.ended(outcome))
    }

    /// During a drain a session ends when neither side speaks, or at the deadline.
    @inline(__always)
    mutating func leaveIfIdle(at now: Instant, into out: inout Actions) {
        guard looser != nil || limits.isOver || drain != nil else { return }
        leaveIfOver(at: now, into: &out)
    }

    private mutating func leaveIfOver(at now: Instant, into out: inout Actions) {
        if phase == .closed || settleLimits(into: &out) { return }
        guard let drain else { return }
        guard now >= drain.deadline || isLeavable(at: now) else { return }
        if drain.isSucceeded { return succeeded(at: now, into: &out) }
        let reason = words("going away, connect again")
        end(.stopped, client: Close(1001, reason), gemini: Close(1000), into: &out)
    }

    /// Whether neither side speaks, and the client could continue elsewhere. Gemini's handle comes
    /// soon after a turn's end; without it the turn would be forgotten.
    private mutating func isLeavable(at now: Instant) -> Bool {
        guard phase == .talking else { return true }
        // In automatic detection a turn begins only with gemini's reaction to the sound.
        guard turns.isIdle, !gate.isOpen, !hasUnansweredVoice, !tools.isWaiting,
            !downlink.reply.isInterrupted
        else {
            drain?.idleUntil = nil
            return false
        }
        guard returning.isGiven, upstream.isUp, turns.number > 0 else { return true }
        if let handle = handles.newest(before: now + .seconds(1), at: now), handle.isComplete,
            handle.turn == turns.number
        {
            return true
        }
        let until = drain?.idleUntil ?? now + Drain.handlePatience
        drain?.idleUntil = until
        return now >= until
    }
}

/// The process, or an operator, wants the session to end.
struct Drain {
    /// It ends at this time at the latest.
    var deadline: Instant
    /// It is idle, and ends at this time unless gemini's handle comes first.
    var idleUntil: Instant?
    /// Another session continues the conversation.
    var isSucceeded = false

    /// Gemini sends it within a second of a turn's end, if it sends one.
    static let handlePatience = Interval.seconds(1)
}

extension Close {
    /// In the form for the other side: 1006 never appears in a frame.
    func relayed(orElse replacement: Close) -> Close {
        code == Close.abnormal.code ? replacement : self
    }
}

extension Refusal {
    /// An error in the format of Google's own HTTP errors.
    init(status: Int, close: Close) {
        var body = Array(#"{"error":{"code":\#(status),"message":"#.utf8)
        JSONText.append(close.reason, to: &body)
        body.append(contentsOf: "}}\n".utf8)
        self.init(status: status, body: body, close: close)
    }
}

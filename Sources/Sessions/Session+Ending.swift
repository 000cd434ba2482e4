import Basics
import Policies
import Wire

// How a session ends. Each side is told once, truthfully, and nothing follows.
extension Session {
    /// A reason of our own: says that it is ours, and names the session for the record.
    func words(_ reason: String) -> String { "turnkeeper: \(reason) (session \(id))" }

    mutating func disconnected(_ event: Event, into out: inout Actions) {
        switch event {
        case .clientClosed(let close):
            out.note(.closed(.client, close, by: .client))
            // What it said is complete, even if it does not wait for the answer.
            if phase == .talking { gate.releaseEnd(terms, into: &out) }
            end(.completed, client: nil, gemini: close.relayed(orElse: Close(1000)), into: &out)
        case .geminiClosed(let link, let close):
            guard link == self.link else { return }
            out.note(.closed(.gemini, close, by: .gemini))
            guard phase != .dialing else {
                return dialFailed(.unreachable("gemini closed the new connection"), into: &out)
            }
            let lost = Close(1011, words("the connection to gemini was lost without a close frame"))
            end(.geminiClosed, client: close.relayed(orElse: lost), gemini: nil, into: &out)
        case .clientViolated(let close):
            end(
                .clientFault, client: explained(close, into: &out), gemini: Close(1000),
                into: &out)
        case .geminiViolated(let link, let close):
            guard link == self.link else { return }
            let reason = words("gemini broke the WebSocket protocol: \(close.reason)")
            end(.geminiClosed, client: Close(1011, reason), gemini: close, into: &out)
        case .clientStuck(let buffered):
            out.note(.limitReached(.buffer))
            let reason = words("the client does not read: \(buffered) bytes wait for it")
            end(.clientFault, client: Close(1013, reason), gemini: Close(1000), into: &out)
        case .opened, .clientSent, .clientSentMalformed, .dialed, .dialFailed, .geminiSent,
            .geminiSentMalformed, .geminiPonged, .clientPonged, .wokeUp, .policyChanged,
            .limitReached,
            .drained:
            break
        }
    }

    mutating func dialFailed(_ failure: DialFailure, into out: inout Actions) {
        out.note(.dialFailed(link, failure))
        let refusal: Refusal
        switch failure {
        case .refused(let status, let contentType, let body, let retryAfter):
            refusal = Refusal(
                status: status, contentType: contentType, body: body, retryAfter: retryAfter)
        case .unreachable(let why):
            refusal = Refusal(status: 502, error: words("gemini cannot be reached: \(why)"))
        case .timedOut(let why):
            refusal = Refusal(status: 504, error: words("gemini does not answer: \(why)"))
        }
        out.append(.refuse(refusal))
        finish(.unreachable, into: &out)
    }

    /// Closes what is still open; `nil` for a side that closed by itself.
    mutating func end(
        _ outcome: SessionOutcome, client: Close?, gemini: Close?, into out: inout Actions
    ) {
        if phase == .dialing {
            if gemini != nil { out.append(.close(.gemini, .abnormal)) }
            if let client {
                out.append(.refuse(Refusal(status: 503, error: client.reason)))
            }
        } else {
            if let gemini {
                out.note(.closed(.gemini, gemini, by: client == nil ? .client : .turnkeeper))
                out.append(.close(.gemini, gemini))
            }
            if let client {
                out.note(.closed(.client, client, by: gemini == nil ? .gemini : .turnkeeper))
                out.append(.close(.client, client))
            }
        }
        finish(outcome, into: &out)
    }

    private mutating func finish(_ outcome: SessionOutcome, into out: inout Actions) {
        turns.abandoned(outcome == .completed ? .interrupted : .lost, into: &out)
        phase = .closed
        early = EarlyInput()
        out.note(.ended(outcome))
    }

    /// Under a drain a session leaves when nobody speaks, or when its time is up.
    mutating func leaveIfIdle(at now: Instant, into out: inout Actions) {
        if phase == .closed || settleLimits(into: &out) { return }
        guard let drainBy else { return }
        let isIdle = phase == .talking ? turns.isIdle && !gate.isOpen && openTools.isEmpty : true
        guard isIdle || now >= drainBy else { return }
        let reason = words("this server is going away")
        end(.stopped, client: Close(1001, reason), gemini: Close(1000), into: &out)
    }
}

extension Close {
    /// As it may be said to the other side: 1006 never travels in a frame.
    func relayed(orElse replacement: Close) -> Close {
        code == Close.abnormal.code ? replacement : self
    }
}

extension Refusal {
    /// An error in the shape the vendor's own HTTP errors have.
    init(status: Int, error: String) {
        var body = Array(#"{"error":{"code":\#(status),"message":"#.utf8)
        JSONText.append(error, to: &body)
        body.append(contentsOf: "}}\n".utf8)
        self.init(status: status, body: body)
    }
}

import Basics
public import Policies
import Wire

// Policy changes, and what happens at a policy's limits.
extension Session {
    /// Stricter settings apply at once, looser ones when no turn is in progress.
    mutating func renew(_ renewed: Boxed<Policy>, at now: Instant, into out: inout Actions) {
        let shared = Self.inForce(renewed)
        if !shared.value.log.transcripts || !policy.log.transcripts {
            returning.hasUnkeptWords = true
        }
        looser = nil
        guard !isBetweenTurns else { return renewPolicy(shared, into: &out) }
        let tightened = policy.tightened(by: shared.value)
        guard tightened != shared.value else { return renewPolicy(shared, into: &out) }
        looser = shared
        renewPolicy(Boxed(tightened), into: &out)
    }

    /// A reload changed only what is decided outside the conversation.
    ///
    /// - Returns: False if another policy than the older one is in force here: then the newer one
    ///   has to come as an event.
    public mutating func exchange(_ older: Boxed<Policy>, for newer: Boxed<Policy>) -> Bool {
        guard sharedPolicy === older, looser == nil else { return false }
        sharedPolicy = newer
        return true
    }

    private mutating func renewPolicy(_ renewed: Boxed<Policy>, into out: inout Actions) {
        let limits = renewed.value.limits
        if limits != policy.limits {
            self.limits.update(limits)
            out.append(.limit(limits))
        }
        setPolicy(renewed)
    }

    private var isBetweenTurns: Bool { turns.isIdle && !gate.isOpen }

    /// First at each wake-up. True if the session has ended.
    mutating func wakeLimits(at now: Instant, into out: inout Actions) -> Bool {
        if limits.hasEnded(at: now) {
            endAtLimit(.session, into: &out)
            return true
        }
        if limits.pausedUntil != nil { clientWasUnread(at: now) }
        limits.resume(at: now, into: &out)
        return false
    }

    /// A client that is not read cannot be heard: every clock of its silence starts anew.
    mutating func clientWasUnread(at now: Instant) {
        clientKeepalive.heard()
        gate.clientWasUnread(at: now)
        pause.clientWasUnread(at: now)
        uplink.journal.clientWasUnread(at: now, after: setup.silenceDuration)
    }

    /// A budget is used up: the current turn is the last. An invalid token ends the session at
    /// once.
    mutating func exhaust(_ limit: Limit, into out: inout Actions) {
        switch limit {
        case .tokenUses, .tokenExpiry, .tokenStart, .tokenLock, .tokenRecord, .setup, .waiting,
            .memory, .sessions, .model, .endUser, .ending:
            endAtLimit(limit, into: &out)
        case .message, .messagesPerSecond, .session, .buffer, .sessionUSD, .dayUSD,
            .sessionTokens, .endUserMinutes, .endUserUSD:
            limits.exhaust(limit, turn: turns.number)
            _ = settleLimits(into: &out)
        }
    }

    /// Called whenever a turn may have ended. True if the session has.
    mutating func settleLimits(into out: inout Actions) -> Bool {
        if let policy = looser, isBetweenTurns {
            looser = nil
            renewPolicy(policy, into: &out)
        }
        // A client that interrupts every answer is never idle; its next turn is one too many.
        guard let (limit, turn) = limits.exhausted, turns.isIdle || turns.number > turn else {
            return false
        }
        endAtLimit(limit, into: &out)
        return true
    }

    private mutating func endAtLimit(_ limit: Limit, into out: inout Actions) {
        guard phase != .closed else { return }
        out.note(.limitReached(limit))
        var code: UInt16 = 1008
        let reason: String
        switch limit {
        case .sessionUSD, .dayUSD, .sessionTokens, .endUserMinutes, .endUserUSD, .tokenUses:
            reason = "\(limit.rawValue) is used up"
        case .sessions, .message, .messagesPerSecond, .session, .buffer, .tokenExpiry,
            .tokenStart, .model:
            reason = "\(limit.rawValue) is reached"
        case .tokenLock: reason = "the client token does not permit this change"
        case .tokenRecord:
            code = 1013
            reason = "the use of the client token cannot be written down now, try again"
        case .endUser: reason = "the session names no end user, which \(limit.rawValue) asks for"
        case .setup: reason = "no setup arrived within client.setup"
        case .waiting:
            code = 1013
            reason = "closed to make room: no setup has arrived yet"
        case .memory:
            code = 1013
            reason = "this server is short of memory"
        case .ending: reason = "an operator has ended the session"
        }
        end(
            limit == .ending ? .stopped : .limit, client: Close(code, words(reason)),
            gemini: Close(1000), into: &out)
    }

    /// More than `bound` bytes would have to be kept, and nothing of them may be dropped.
    mutating func endOverfull(_ bound: Int, into out: inout Actions) {
        out.note(.limitReached(.buffer))
        let reason = words("more than \(bound) bytes wait for gemini (limits.buffer)")
        end(.refused, client: Close(1008, reason), gemini: Close(1000), into: &out)
    }

    /// Tells a client that exceeded a limit of its connection which one it was.
    mutating func explained(_ close: Close, into out: inout Actions) -> Close {
        guard close.code == 1009 else { return close }
        out.note(.limitReached(.message))
        if phase == .dialing || phase == .awaitingSetup,
            policy.limits.message > Policy.Limits.beforeSetup
        {
            return Close(1009, words("a setup over \(Policy.Limits.beforeSetup) bytes"))
        }
        return Close(1009, words("a message over limits.message, \(policy.limits.message) bytes"))
    }
}

/// A limit of a policy, named by the key that sets it.
public enum Limit: String, CaseIterable, Sendable {
    case sessions = "limits.sessions"
    case message = "limits.message"
    case messagesPerSecond = "limits.messages_per_second"
    case session = "limits.session"
    case buffer = "limits.buffer"
    case sessionUSD = "budget.session_usd"
    case dayUSD = "budget.day_usd"
    case sessionTokens = "budget.session_tokens"
    case endUserMinutes = "end_users.day_minutes"
    case endUserUSD = "end_users.day_usd"
    /// A session without an end user.
    case endUser = "end_users.required"
    /// From a short-lived client token, not a policy: named like the token's fields. Not a limit,
    /// but something that a session may not exceed either.
    case model = "models.allow"
    case tokenUses = "token.uses"
    case tokenExpiry = "token.expireTime"
    case tokenStart = "token.newSessionExpireTime"
    /// The client tries to change, in the middle of its session, what its token fixes.
    case tokenLock = "token.fieldMask"
    /// Not a limit: the use cannot be written down now. The client may try again.
    case tokenRecord = "token.record"
    case setup = "client.setup"
    /// There is no setup yet, while others need the room. Like the next one, a limit of the
    /// process.
    case waiting = "client.waiting"
    case memory = "serve.memory"
    /// Not a limit: an operator's request.
    case ending = "operator.end"
}

extension Policy {
    /// The policy in force between the arrival of `newer` and the end of the current turn: the
    /// newer policy, except where it allows more than this one. A stricter limit is meant to apply
    /// now; a looser one can wait for the end of a turn, and no rule releases a conversation
    /// midway.
    public func tightened(by newer: Policy) -> Policy {
        var result = newer
        result.limits.sessions = min(limits.sessions, newer.limits.sessions)
        result.limits.message = min(limits.message, newer.limits.message)
        result.limits.messagesPerSecond = min(
            limits.messagesPerSecond, newer.limits.messagesPerSecond)
        result.limits.session = min(limits.session, newer.limits.session)
        result.limits.buffer = min(limits.buffer, newer.limits.buffer)
        result.budget.sessionMicroUSD = least(
            budget.sessionMicroUSD, newer.budget.sessionMicroUSD)
        result.budget.dayMicroUSD = least(budget.dayMicroUSD, newer.budget.dayMicroUSD)
        result.budget.sessionTokens = least(budget.sessionTokens, newer.budget.sessionTokens)
        result.endUsers.dayMinutes = least(endUsers.dayMinutes, newer.endUsers.dayMinutes)
        result.endUsers.dayMicroUSD = least(endUsers.dayMicroUSD, newer.endUsers.dayMicroUSD)
        for rule in Rule.allCases {
            let (old, new) = (turns.rules[rule], newer.turns.rules[rule])
            result.turns.rules[rule] = old.strictness > new.strictness ? old : new
        }
        return result
    }
}

extension Mode {
    fileprivate var strictness: Int {
        switch self {
        case .off: 0
        case .observe: 1
        case .enforce: 2
        }
    }
}

/// nil means unlimited.
private func least<Number: Comparable>(_ a: Number?, _ b: Number?) -> Number? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
}

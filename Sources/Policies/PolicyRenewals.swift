import Basics

/// What a reload changes for the sessions of each tenant, found once for all of them: a worker may
/// have five thousand.
public struct PolicyRenewals: Sendable {
    public struct Renewal: Sendable {
        public var policy: Boxed<Policy>
        /// Conversations go on under other rules.
        public var changesConversations: Bool
    }

    /// By the policy that a session has. Both sets are kept, so that no other policy gets the
    /// identity of one of these.
    private var renewals: [ObjectIdentifier: Renewal] = [:]
    private let older: PolicySet
    private let newer: PolicySet

    public init(from older: PolicySet, to newer: PolicySet) {
        self.older = older
        self.newer = newer
        for tenant in older.all {
            guard let policy = newer.policy(of: tenant.policy.tenant) else { continue }
            renewals[ObjectIdentifier(tenant.shared)] = Renewal(
                policy: policy,
                changesConversations: !tenant.policy.conductsAlike(policy.value))
        }
    }

    /// Nil if nothing changes for a session with this policy: it stays as it was, or its tenant was
    /// removed.
    public func renewal(of policy: Boxed<Policy>) -> Renewal? {
        if let renewal = renewals[ObjectIdentifier(policy)] {
            return renewal.policy === policy ? nil : renewal
        }
        // From before a reload that has not yet reached all sessions.
        guard let renewed = newer.policy(of: policy.value.tenant), renewed !== policy else {
            return nil
        }
        return Renewal(policy: renewed, changesConversations: true)
    }
}

extension Policy {
    /// Whether conversations go on alike under both: they differ at most in who is let in, how many
    /// at once, what they may spend, and who is notified.
    func conductsAlike(_ other: Policy) -> Bool {
        var other = other
        other.inherits = inherits
        other.match = match
        other.limits.sessions = limits.sessions
        other.budget = budget
        other.endUsers = endUsers
        other.notify = notify
        return self == other
    }
}

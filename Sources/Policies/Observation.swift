import Basics

extension Policy {
    /// The policy as it applies under `mode: observe`: rules only report, no remedy is tried, the
    /// proxy waits for no client and closes none for silence, and no model is substituted.
    /// Credentials, `models.allow`, `models.pin`, limits and budgets stay. Under `mode: enforce`,
    /// the policy itself.
    public var inForce: Policy {
        guard mode == .observe else { return self }
        var policy = self
        for rule in Rule.allCases where policy.turns.rules[rule] == .enforce {
            policy.turns.rules[rule] = .observe
        }
        policy.recovery.attempts = 0
        policy.recovery.rebuild = false
        policy.client.park = .zero
        policy.models.fallback = [:]
        policy.models.breaker = nil
        // Longer than any session.
        policy.upstream.setup = Self.never
        policy.upstream.dead = Self.never
        policy.client.dead = Self.never
        return policy
    }

    /// Whether to end a connection to gemini that looks dead, because another can take its place.
    /// In a relay it may come back to life.
    public var replacesDeadConnections: Bool {
        mode == .enforce && turns.rules[.keepalive] == .enforce && recovery.attempts > 0
    }

    private static let never = Interval.seconds(30 * 86_400)
}

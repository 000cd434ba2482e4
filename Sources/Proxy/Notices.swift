import Basics
import CLinux
import Ledger
import Policies

// Events that become notes for a tenant's receiver.
extension Ledger {
    /// A tenant has spent more of its day's budget; in millionths of a dollar.
    func note(_ before: Int64, to after: Int64, _ policy: Policy) {
        guard after > before, let budget = policy.budget.dayMicroUSD else { return }
        note(
            Self.level(before, of: budget), to: Self.level(after, of: budget), used: after,
            of: budget, policy)
    }

    /// A reload has lowered the budget below the day's spending.
    func note(_ old: Policy, _ new: Policy, spent: Int64) {
        guard let budget = new.budget.dayMicroUSD else { return }
        let before = old.budget.dayMicroUSD.map { Self.level(spent, of: $0) } ?? 0
        note(before, to: Self.level(spent, of: budget), used: spent, of: budget, new)
    }

    private func note(
        _ before: Int, to after: Int, used: Int64, of budget: Int64, _ policy: Policy
    ) {
        guard after > before, budget > 0, policy.notify.wants(.budget) else { return }
        for level in Self.levels where level > before && level <= after {
            append(
                .noted(
                    .budget(
                        tenant: policy.tenant, percent: level, budget: budget, used: used,
                        at: WallTime(nanoseconds: tk_wall()), most: policy.notify.queue)))
        }
    }

    private static let levels = [80, 100]

    /// The highest level that has been reached.
    private static func level(_ spent: Int64, of budget: Int64) -> Int {
        let share = budget > 0 ? Double(spent) / Double(budget) : 0
        return levels.last { share >= Double($0) / 100 } ?? 0
    }

    /// A model fails: notes it for every tenant whose new sessions avoid it, which takes a sibling
    /// to go to. `turnkeeper_breaker_open` has the same.
    func noteBreaker(
        of model: String, upstream: String, session: String, _ policies: PolicySet,
        only one: String?
    ) {
        for tenant in policies.all where one == nil || tenant.policy.tenant == one {
            let policy = tenant.policy
            guard policy.notify.wants(.breaker), policy.upstream.url == upstream,
                policy.models.breaker != nil, policy.models.serves(model),
                !policy.models.named(for: model).isEmpty
            else { continue }
            append(
                .noted(
                    .breaker(
                        tenant: policy.tenant, model: model, upstream: upstream, session: session,
                        at: WallTime(nanoseconds: tk_wall()), most: policy.notify.queue)))
        }
    }
}

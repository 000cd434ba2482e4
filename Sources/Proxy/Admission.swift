import Basics
import Policies

/// Whether a tenant may have one more session.
enum Admission {
    /// The limit that prevents it. The place is taken when the setup arrives.
    static func obstacle(_ account: Account, _ policy: Policy) -> Limit? {
        if let most = policy.budget.dayMicroUSD, account.spent(on: Account.today) >= most {
            return .dayUSD
        }
        return account.hasRoom(limit: policy.limits.sessions) ? nil : .sessions
    }
}

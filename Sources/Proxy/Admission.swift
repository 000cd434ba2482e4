import Basics
import Policies

/// Whether a tenant may have one more session.
enum Admission {
    /// Which bound is in the way. The place is taken when the setup comes.
    static func obstacle(_ account: Account, _ policy: Policy) -> Limit? {
        if let most = policy.budget.dayMicroUSD, account.spent(on: Account.today) >= most {
            return .dayUSD
        }
        return account.hasRoom(limit: policy.limits.sessions) ? nil : .sessions
    }
}

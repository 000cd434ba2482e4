import Basics
import Policies

/// Whether a tenant may have one more session.
enum Admission {
    /// Takes a place in the account; or says which bound is in the way.
    static func enter(_ account: Account, _ policy: Policy) -> Limit? {
        if let most = policy.budget.dayMicroUSD, account.spent(on: Account.today) >= most {
            return .dayUSD
        }
        return account.enter(limit: policy.limits.sessions) ? nil : .sessions
    }

    static func refusal(of session: String, _ limit: Limit) -> Answer {
        let isDay = limit == .dayUSD
        let why = isDay ? "is used up until 00:00 UTC" : "is reached"
        var answer = Answer(
            status: 429, error: "\(limit.rawValue) of this tenant \(why) (session \(session))")
        // Sessions end all the time; money comes back with the day.
        answer.retryAfter = isDay ? Account.untilTomorrow : .seconds(5)
        return answer
    }
}

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

    static func refusal(of session: String, _ limit: Limit) -> Answer {
        switch limit {
        case .waiting:
            var answer = Answer(
                status: 503,
                error: "too many connections at once, or without a setup (session \(session))")
            answer.retryAfter = .seconds(1)
            return answer
        case .memory:
            var answer = Answer(status: 503, error: "this server is short of memory")
            answer.retryAfter = .seconds(2)
            return answer
        case .dayUSD:
            return refusal(session, limit, "is used up until 00:00 UTC", Account.untilTomorrow)
        default:
            // Sessions end all the time.
            return refusal(session, limit, "is reached", .seconds(5))
        }
    }

    private static func refusal(
        _ session: String, _ limit: Limit, _ why: String, _ retryAfter: Interval
    ) -> Answer {
        var answer = Answer(
            status: 429, error: "\(limit.rawValue) of this tenant \(why) (session \(session))")
        answer.retryAfter = retryAfter
        return answer
    }
}

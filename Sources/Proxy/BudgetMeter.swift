import Basics
import CLinux
import Policies
import Sessions
import Sharing

/// What one session has spent, and which of its budgets that exhausts.
struct BudgetMeter {
    private let account: Account
    private let tenant: String
    /// Empty if none is named.
    private let endUser: String
    /// The moment up to which the end user's time has been counted; nil before the setup.
    private var counted: Instant?
    /// What the conversation has used, in earlier sessions too.
    private(set) var used = Memory.Used()
    /// The count of one turn; later counts replace it.
    private struct Count {
        var turn: Int
        var began: WallTime
        var cost: Int64 = 0
        var tokens: Int64 = 0
    }
    /// The usage outside turns, which the ledger has at the beginning of the session, as turn 0;
    /// and the last few turns, whose reports may be late.
    private var counts: [Count]
    private var newest = 0
    /// A report that comes more than this many turns later belongs to another turn anyway.
    static let turnsWithReports = 8

    init(_ account: Account, tenant: String, endUser: String, began: WallTime) {
        self.account = account
        self.tenant = tenant
        self.endUser = endUser
        counts = [Count(turn: 0, began: began)]
    }

    mutating func began(_ turn: Int, at moment: WallTime) {
        // Once, for a session that talks.
        if counts.count == 1 { counts.reserveCapacity(1 + Self.turnsWithReports) }
        newest = newest % Self.turnsWithReports + 1
        let count = Count(turn: turn, began: moment)
        if newest < counts.count { counts[newest] = count } else { counts.append(count) }
    }

    private mutating func place(of turn: Int) -> Int {
        if counts[newest].turn == turn { return newest }
        if let known = counts.firstIndex(where: { $0.turn == turn }) { return known }
        began(turn, at: counts[newest].began)
        return newest
    }

    /// Counts the session's time since the last call for its end user.
    mutating func pass(to now: Instant) {
        if let counted {
            account.endUsers.spend(
                endUser, tenant: tenant, milliseconds: (now - counted).milliseconds)
        }
        counted = now
    }

    /// - Returns: What the tenant had spent on this day before and after.
    mutating func pay(
        turn: Int, cost: Int64, tokens: Int64, at now: WallTime = WallTime(nanoseconds: tk_wall())
    ) -> (before: Int64, after: Int64) {
        let (before, more) = replace(turn, cost, tokens)
        add(more)
        // It belongs to an earlier day, in the ledger, too.
        guard Self.day(of: before.began, paidAt: now) == now.dayNumber else { return (0, 0) }
        account.endUsers.spend(endUser, tenant: tenant, cost: more.cost)
        return account.spend(more.cost)
    }

    private mutating func replace(
        _ turn: Int, _ cost: Int64, _ tokens: Int64
    ) -> (before: Count, more: Memory.Used) {
        let place = place(of: turn)
        let before = counts[place]
        (counts[place].cost, counts[place].tokens) = (cost, tokens)
        return (before, Memory.Used(cost: cost - before.cost, tokens: tokens - before.tokens))
    }

    /// A turn counts on the day on which it began, as in the ledger, unless it goes on for longer
    /// after midnight than turns do: a model that never ends one must not escape the next budget.
    static func day(of began: WallTime, paidAt now: WallTime) -> Int64 {
        let sinceMidnight = now - WallTime(dayNumber: now.dayNumber)
        return sinceMidnight < longestTurn ? min(began.dayNumber, now.dayNumber) : now.dayNumber
    }

    private static let longestTurn = Interval.seconds(600)

    /// Counts for the session's budget only: the ledger has it from the session that used it.
    mutating func add(_ more: Memory.Used) {
        used.cost = used.cost.addingSaturated(more.cost)
        used.tokens = used.tokens.addingSaturated(more.tokens)
    }

    /// What the end user has used today.
    var endUserUse: EndUsers.Use { account.endUsers.use(of: endUser, tenant: tenant) }

    /// The first exhausted budget. Mutating, because the meter would otherwise be copied.
    mutating func exhausted(_ policy: Boxed<Policy>) -> Limit? {
        let budget = policy.value.budget
        if let most = budget.sessionMicroUSD, used.cost >= most { return .sessionUSD }
        if let most = budget.sessionTokens, used.tokens >= most { return .sessionTokens }
        if let most = budget.dayMicroUSD, account.hasSpent(most) { return .dayUSD }
        guard !endUser.isEmpty, policy.value.endUsers.hasQuota else { return nil }
        return policy.value.endUsers.exhausted(endUserUse)
    }
}

import Basics
import CLinux
import Ledger
import Policies
import Synchronization

/// How many sessions each tenant has and what it has spent today, across all workers. Used when a
/// session begins and ends and when a turn is paid for; never for a message.
final class Accounts: Sendable {
    private let accounts = Mutex<[String: Account]>([:])
    let endUsers: EndUsers
    private let file: String
    private let changes = Atomic(0)
    private let saved = Mutex(0)
    /// The content of the file when this process began.
    private let begun = Mutex<[String: Int64]>([:])

    private init(data: String) {
        file = data + "/spending"
        endUsers = EndUsers(file: data + "/end-users")
    }

    /// With today's spending from before this start: from the file in the data directory, or from
    /// the ledger if it knows of more. Each is at most a second behind a `kill -9`.
    static func open(_ options: ServerOptions, _ log: Log) -> Accounts {
        let accounts = Accounts(data: options.data)
        accounts.endUsers.restore(from: options.ledgerPlace)
        let today = Account.today
        for (tenant, cost) in accounts.read(on: today) {
            accounts.account(of: tenant).restore(cost, on: today)
            accounts.begun.withLock { $0[tenant] = cost }
        }
        if let place = options.ledgerPlace {
            for (tenant, cost) in Self.ledger(place, on: today) {
                accounts.account(of: tenant).restore(cost, on: today)
            }
        }
        return accounts
    }

    func account(of tenant: String) -> Account {
        accounts.withLock { accounts in
            if let known = accounts[tenant] { return known }
            let made = Account(self)
            accounts[tenant] = made
            return made
        }
    }

    /// Of all tenants.
    var sessions: Int { accounts.withLock { $0.values.reduce(0) { $0 + $1.sessions } } }

    fileprivate func changed() { changes.add(1, ordering: .relaxed) }

    // MARK: The file

    /// The previous process that used the file is gone: its spending since we began is added.
    func inherit() {
        endUsers.inherit()
        let begun = begun.withLock { $0 }
        for (tenant, cost) in read(on: Account.today) {
            account(of: tenant).spend(max(0, cost - (begun[tenant] ?? 0)))
        }
    }

    /// Writes the spending if it has changed; called once a second and at the end, on a separate
    /// thread. False if it cannot be written.
    func save() -> Bool {
        let isSaved = endUsers.save()
        return saveSpending() && isSaved
    }

    private func saveSpending() -> Bool {
        let state = changes.load(ordering: .relaxed)
        guard saved.withLock({ $0 != state }) else { return true }
        let today = Account.today
        var text = ""
        for (tenant, account) in accounts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            let spent = account.spent(on: today)
            if spent > 0 { text += "\(today) \(tenant) \(spent)\n" }
        }
        guard File.replace(file, with: Array(text.utf8), mode: 0o600) else { return false }
        saved.withLock { $0 = state }
        return true
    }

    /// Lines of day (counted from 1970), tenant, millionths of a dollar.
    private func read(on today: Int64) -> [(String, Int64)] {
        guard let bytes = File.read(file, limit: 1 << 20) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, Int64(words[0]) == today, let cost = Int64(words[2]), cost >= 0
            else { return nil }
            return (String(words[1]), cost)
        }
    }

    private static func ledger(_ place: LedgerPlace, on today: Int64) -> [(String, Int64)] {
        let midnight = WallTime(nanoseconds: today * Account.day)
        guard let reader = try? LedgerReader(place),
            let rows = try? reader.usage(by: .tenant, since: midnight)
        else { return [] }
        return rows.compactMap { row in row.tenant.map { ($0, row.cost) } }
    }
}

/// One tenant's share of `Accounts`.
final class Account: Sendable {
    /// In nanoseconds.
    static let day: Int64 = 86_400_000_000_000

    private let open = Atomic(0)
    private let exchanges = Atomic(0)
    private let starts = Mutex(StartBucket())
    private let budget = Mutex((day: Int64(0), spent: Int64(0)))
    private unowned let accounts: Accounts

    fileprivate init(_ accounts: Accounts) { self.accounts = accounts }

    /// The UTC day, counted from 1970.
    static var today: Int64 { tk_wall() / day }

    /// Until the next day begins.
    static var untilTomorrow: Interval {
        Interval(nanoseconds: day - tk_wall() % day)
    }

    /// That have a place.
    var sessions: Int { open.load(ordering: .relaxed) }

    /// Takes a place for one more session; false if there are `limit` already.
    func enter(limit: Int) -> Bool {
        guard open.add(1, ordering: .relaxed).newValue > limit else { return true }
        leave()
        return false
    }

    /// Counts a start, in addition to that of the single client.
    func mayStart(limit: Int) -> Bool {
        starts.withLock { $0.take(of: limit, shares: StartRates.clients, at: tk_now()) }
    }

    /// Takes a place for one more REST request; false if there are `limit` already.
    func beginExchange(limit: Int) -> Bool {
        guard exchanges.add(1, ordering: .relaxed).newValue > limit else { return true }
        endExchange()
        return false
    }

    func endExchange() { exchanges.subtract(1, ordering: .relaxed) }

    /// Whether there is a place; it may be gone by the time it is taken.
    func hasRoom(limit: Int) -> Bool { open.load(ordering: .relaxed) < limit }

    func leave() { open.subtract(1, ordering: .relaxed) }

    /// In millionths of a dollar; negative if a late report corrects an earlier one.
    /// - Returns: What was spent on this day before and after.
    @discardableResult
    func spend(_ cost: Int64) -> (before: Int64, after: Int64) {
        guard cost != 0 else { return (0, 0) }
        let today = Self.today
        let change = budget.withLock { budget in
            if budget.day != today { budget = (today, 0) }
            let before = budget.spent
            budget.spent = max(0, before.addingSaturated(cost))
            return (before, budget.spent)
        }
        accounts.changed()
        return change
    }

    /// What the account's end users have used.
    var endUsers: EndUsers { accounts.endUsers }

    var spentToday: Int64 { spent(on: Self.today) }

    func spent(on day: Int64) -> Int64 { budget.withLock { $0.day == day ? $0.spent : 0 } }

    fileprivate func restore(_ cost: Int64, on day: Int64) {
        budget.withLock { $0 = (day, max(cost, $0.day == day ? $0.spent : 0)) }
    }
}

/// What one session has spent, and which of its budgets that exhausts.
struct BudgetMeter {
    private let account: Account
    private let tenant: String
    /// Empty if none is named.
    private let endUser: String
    /// Until when the end user's time is counted; nil before the setup.
    private var counted: Instant?
    private var cost: Int64 = 0
    private var tokens: Int64 = 0
    /// The newest count of the newest turn: later ones replace it.
    private var newest: (turn: Int, cost: Int64, tokens: Int64)?

    init(_ account: Account, tenant: String, endUser: String) {
        self.account = account
        self.tenant = tenant
        self.endUser = endUser
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
        turn: Int, cost: Int64, tokens: Int64
    ) -> (before: Int64, after: Int64) {
        let before = newest?.turn == turn ? newest : nil
        newest = (turn, cost, tokens)
        let difference = cost - (before?.cost ?? 0)
        self.cost = self.cost.addingSaturated(difference)
        self.tokens = self.tokens.addingSaturated(tokens - (before?.tokens ?? 0))
        account.endUsers.spend(endUser, tenant: tenant, cost: difference)
        return account.spend(difference)
    }

    /// What the end user has used today.
    var endUserUse: EndUsers.Use { account.endUsers.use(of: endUser, tenant: tenant) }

    /// The first exhausted budget.
    func exhausted(_ policy: Policy) -> Limit? {
        let budget = policy.budget
        if let most = budget.sessionMicroUSD, cost >= most { return .sessionUSD }
        if let most = budget.sessionTokens, tokens >= most { return .sessionTokens }
        if let most = budget.dayMicroUSD, account.spent(on: Account.today) >= most {
            return .dayUSD
        }
        guard !endUser.isEmpty, policy.endUsers.hasQuota else { return nil }
        return policy.endUsers.exhausted(endUserUse)
    }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, hasOverflowed) = addingReportingOverflow(other)
        return hasOverflowed ? (other > 0 ? .max : .min) : sum
    }
}

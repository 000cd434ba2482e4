import Basics
import CLinux
import Ledger
import Policies
import Synchronization

/// What each end user has used today. Used when a session begins, pays for a turn, and every ten
/// seconds; never for a message.
///
/// An application names its end users, and an attacker may use many names. So each tenant's table
/// is bounded: when it is full, the users who have used least are forgotten. To have an own entry
/// forgotten, an attacker would have to use as much under every other name.
///
/// If nodes share, the table has what this process counts. What an end user has used on other nodes
/// is queried when the user connects, and every ten seconds while connected.
final class EndUsers: Sendable {
    struct Use: Equatable, Sendable {
        /// Millionths of a dollar.
        var cost: Int64 = 0
        var milliseconds: Int64 = 0

        /// A minute costs a few cents, so both count about the same.
        fileprivate var weight: Int64 { cost &+ milliseconds }

        static func + (one: Use, other: Use) -> Use {
            Use(
                cost: one.cost &+ other.cost,
                milliseconds: one.milliseconds &+ other.milliseconds)
        }

        fileprivate func atLeast(_ other: Use) -> Use {
            Use(
                cost: max(cost, other.cost), milliseconds: max(milliseconds, other.milliseconds))
        }
    }

    private struct Name: Hashable {
        var tenant: String
        var user: String
    }

    /// What other processes have counted.
    private struct Elsewhere {
        var use = Use()
        /// When to query again, by the clock of `tk_now`.
        var due: Int64 = 0
    }

    private struct State {
        var day: Int64 = 0
        var tenants: [String: [String: Use]] = [:]
        /// Changed since the last save, and still in the table.
        var pending: Set<Name> = []
        /// The file may contain users that are no longer in the table.
        var mustReplace = false
        var elsewhere: [Name: Elsewhere] = [:]
        var questions: Set<Name> = []
        /// Users whose use has changed since the database last heard of it, by tenant.
        var unwritten: [String: Set<String>] = [:]
        /// Rows of earlier processes, which the database may not have yet.
        var inherited: [Spending] = []

        mutating func turn(to day: Int64) {
            if self.day != day { self = State(day: day) }
        }
    }

    private let state = Mutex(State())
    private let most: Int
    /// What was kept when this process began.
    private let begun = Mutex<(day: Int64, uses: [Name: Use])>((0, [:]))
    /// This process's identity among all nodes'; nil if they share nothing.
    private let process: String?
    /// Tenants with quotas.
    private let quotas = Mutex<Set<String>>([])

    init(process: String? = nil, most: Int = 50_000) {
        self.process = process
        self.most = most
    }

    func use(of user: String, tenant: String) -> Use {
        let today = Account.today
        return state.withLock { state in
            let own = state.day == today ? state.tenants[tenant]?[user] ?? Use() : Use()
            guard process != nil, !user.isEmpty else { return own }
            state.turn(to: today)
            let name = Name(tenant: tenant, user: user)
            let elsewhere = state.elsewhere[name] ?? Elsewhere()
            if tk_now() >= elsewhere.due { state.questions.insert(name) }
            return own + elsewhere.use
        }
    }

    func spend(_ user: String, tenant: String, cost: Int64 = 0, milliseconds: Int64 = 0) {
        guard !user.isEmpty, cost != 0 || milliseconds > 0 else { return }
        let today = Account.today
        state.withLock { state in
            state.turn(to: today)
            var use = state.tenants[tenant]?[user] ?? Use()
            use.cost = max(0, use.cost &+ cost)
            use.milliseconds &+= milliseconds
            keep(use, user, tenant, &state)
        }
    }

    private func keep(_ use: Use, _ user: String, _ tenant: String, _ state: inout State) {
        state.tenants[tenant, default: [:]][user] = use
        state.pending.insert(Name(tenant: tenant, user: user))
        if process != nil { state.unwritten[tenant, default: []].insert(user) }
        guard let table = state.tenants[tenant], table.count > most else { return }
        state.mustReplace = true
        // A tenth at once, so that a crowd of names does not sort the table for each of them.
        let least = table.sorted { ($0.value.weight, $0.key) < ($1.value.weight, $1.key) }
        for (user, _) in least.prefix(max(1, most / 10)) {
            state.tenants[tenant]?[user] = nil
            state.pending.remove(Name(tenant: tenant, user: user))
            state.unwritten[tenant]?.remove(user)
        }
    }

    // MARK: With other nodes

    func adopt(quotas tenants: Set<String>) { quotas.withLock { $0 = tenants } }

    /// What the database may not have yet of tenants with quotas.
    func unwritten(_ most: Int) -> [Spending] {
        guard let process else { return [] }
        let tenants = quotas.withLock { $0 }
        let today = Account.today
        return state.withLock { state in
            state.turn(to: today)
            var rows = Array(state.inherited.prefix(most))
            for tenant in tenants {
                for user in (state.unwritten[tenant] ?? []).prefix(max(0, most - rows.count)) {
                    guard let use = state.tenants[tenant]?[user] else { continue }
                    rows.append(Self.row(today, Name(tenant: tenant, user: user), use, process))
                }
            }
            return rows
        }
    }

    func wrote(_ rows: [Spending]) {
        state.withLock { state in
            let rows = rows.filter { $0.day == state.day }
            // They are the first ones, and in that order.
            state.inherited.removeFirst(rows.count { $0.process != process })
            for row in rows where row.process == process {
                let use = Use(cost: row.cost, milliseconds: row.milliseconds)
                if state.tenants[row.tenant]?[row.endUser] == use {
                    state.unwritten[row.tenant]?.remove(row.endUser)
                }
            }
        }
    }

    func takeQuestions(_ most: Int) -> [(tenant: String, endUser: String)] {
        state.withLock { state in
            let names = Array(state.questions.prefix(most))
            state.questions.subtract(names)
            return names.map { ($0.tenant, $0.user) }
        }
    }

    func hear(_ rows: [Spending]) {
        let now = tk_now()
        state.withLock { state in
            for row in rows where row.day == state.day {
                let name = Name(tenant: row.tenant, user: row.endUser)
                let use = Use(cost: row.cost, milliseconds: row.milliseconds)
                state.elsewhere[name] = Elsewhere(
                    use: use.atLeast(state.elsewhere[name]?.use ?? Use()),
                    due: now + Self.pause.nanoseconds)
            }
            guard state.elsewhere.count > most else { return }
            // Users who have left can be queried again.
            state.elsewhere = state.elsewhere.filter { $0.value.due > now }
        }
    }
    private static let pause = Interval.seconds(10)

    private static func row(
        _ day: Int64, _ name: Name, _ use: Use, _ process: String
    ) -> Spending {
        Spending(
            day: day, tenant: name.tenant, endUser: name.user, process: process, cost: use.cost,
            milliseconds: use.milliseconds)
    }

    /// The processes that wrote these rows have ended.
    func succeed(_ rows: [Spending]) {
        let today = Account.today
        let others = rows.filter { !$0.endUser.isEmpty && $0.process != process }
        state.withLock { state in
            state.turn(to: today)
            state.inherited += others.filter { !$0.process.isEmpty }
            for (name, use) in Self.sums(of: others) {
                state.elsewhere[name, default: Elsewhere()].use =
                    use.atLeast(state.elsewhere[name]?.use ?? Use())
            }
        }
    }

    /// Each user's use by all processes.
    private static func sums(of rows: [Spending]) -> [Name: Use] {
        rows.reduce(into: [:]) { sums, row in
            guard !row.endUser.isEmpty else { return }
            let name = Name(tenant: row.tenant, user: row.endUser)
            let use = Use(cost: row.cost, milliseconds: row.milliseconds)
            sums[name] = use + (sums[name] ?? Use())
        }
    }

    // MARK: Across restarts

    /// Restores what was kept, or what the ledger has if that is more.
    func restore(_ rows: [Spending], from ledger: LedgerPlace?) {
        guard process == nil else { return succeed(rows) }
        for (name, use) in Self.sums(of: rows) { raise(name, to: use) }
        let midnight = WallTime(dayNumber: Account.today)
        guard let ledger, let grouping = UsageGrouping("tenant+end-user"),
            let rows = try? LedgerReader(ledger).usage(by: grouping, since: midnight)
        else { return }
        for row in rows {
            guard let user = row.endUser, !user.isEmpty, let tenant = row.tenant else { continue }
            raise(
                Name(tenant: tenant, user: user),
                to: Use(cost: row.cost, milliseconds: row.lasted.milliseconds))
        }
    }

    private func raise(_ name: Name, to use: Use) {
        let today = Account.today
        begun.withLock { begun in
            if begun.day != today { begun = (today, [:]) }
            begun.uses[name] = (begun.uses[name] ?? Use()).atLeast(use)
        }
        state.withLock { state in
            state.turn(to: today)
            let known = state.tenants[name.tenant]?[name.user] ?? Use()
            keep(known.atLeast(use), name.user, name.tenant, &state)
        }
    }

    /// Adds what the previous process in our place has counted since we began, or since the last
    /// call.
    func follow(_ rows: [Spending]) {
        // Rows read just before midnight do not belong to the new day.
        guard let day = rows.first?.day, day == Account.today else { return }
        for (name, use) in Self.sums(of: rows) {
            let before = begun.withLock { begun in
                if begun.day != day { begun = (day, [:]) }
                let before = begun.uses[name] ?? Use()
                begun.uses[name] = use.atLeast(before)
                return before
            }
            spend(
                name.user, tenant: name.tenant, cost: max(0, use.cost - before.cost),
                milliseconds: max(0, use.milliseconds - before.milliseconds))
        }
    }

    /// What has changed since the last call, for the file.
    /// - Parameter isNew: The file is empty.
    /// - Returns: The rows, and whether they are all that there are.
    func takeChanges(_ isNew: Bool) -> (rows: [Spending], areAll: Bool) {
        let today = Account.today
        return state.withLock { state in
            state.turn(to: today)
            let areAll = state.mustReplace
            var rows = isNew ? state.inherited : []
            if isNew || areAll {
                for (tenant, table) in state.tenants {
                    rows += table.map { user, use in
                        Self.row(today, Name(tenant: tenant, user: user), use, process ?? "")
                    }
                }
            } else {
                rows += state.pending.compactMap { name in
                    state.tenants[name.tenant]?[name.user].map {
                        Self.row(today, name, $0, process ?? "")
                    }
                }
            }
            state.pending = []
            state.mustReplace = false
            return (rows, areAll)
        }
    }

    /// The changes taken last could not be written: all are due again.
    func saveAll() { state.withLock { $0.mustReplace = true } }

    /// No rows of earlier processes are left to be written.
    var isSettled: Bool { state.withLock { $0.inherited.isEmpty } }
}

extension Policy.EndUsers {
    /// The quota that is used up.
    func exhausted(_ use: EndUsers.Use) -> Limit? {
        if let most = dayMicroUSD, use.cost >= most { return .endUserUSD }
        if let most = dayMinutes, use.milliseconds >= Int64(most) * 60_000 {
            return .endUserMinutes
        }
        return nil
    }
}

import Basics
import CLinux
import Ledger
import Policies
import Sessions
import Sharing
import Synchronization

/// How many sessions each tenant has and what it has spent today, across all workers and nodes.
/// Used when a session begins and ends and when a turn is paid for; never for a message.
final class Accounts: Sendable {
    private let accounts = Mutex<[String: Account]>([:])
    let endUsers: EndUsers
    private let kept: StateFile
    private let saved = Mutex(Saved())
    /// What each tenant had spent when this process began, raised by what the process before it has
    /// spent since.
    private let begun = Mutex<(day: Int64, costs: [String: Int64])>((0, [:]))

    /// What the file has.
    private struct Saved {
        var sums: [String: Sums] = [:]
        /// It says that this process writes it.
        var isOurs = false
        /// It has no rows of earlier processes.
        var isSettled = false
    }

    private struct Sums: Equatable {
        var day: Int64
        /// What all processes spent, and this one's part of it.
        var all: Int64 = 0
        var own: Int64 = 0
    }

    /// nil where nodes share nothing.
    private let state: SharedState?
    private let places: SharedPlaces?
    /// Rows of earlier processes that the database may not have yet.
    private let inherited = Mutex<[Spending]>([])

    private init(_ kept: StateFile, _ state: SharedState?) {
        self.kept = kept
        self.state = state
        places = state.map { SharedPlaces($0) }
        endUsers = EndUsers(process: state?.process)
    }

    /// With today's spending from before this start: what was kept, or the ledger's if it knows of
    /// more. Each is at most a second behind a `kill -9`.
    /// - Parameter isAwaited: Another process still writes there.
    static func open(
        _ options: ServerOptions, _ kept: StateFile, _ found: StateFile.Contents,
        _ state: SharedState?, isAwaited: Bool
    ) -> Accounts {
        let accounts = Accounts(kept, state)
        // Other nodes' end users are asked for when they come.
        accounts.endUsers.restore(
            found.spending, from: state == nil ? options.ledgerPlace : nil)
        let today = Account.today
        let kept = found.spending.totals.map { ($0.tenant, $0.cost) }
        let written = options.ledgerPlace.map { Self.ledger($0, on: today) } ?? []
        for (tenant, cost) in kept + written {
            accounts.account(of: tenant).restore(cost, on: today)
            accounts.begun.withLock { begun in
                begun.day = today
                begun.costs[tenant] = max(begun.costs[tenant] ?? 0, cost)
            }
        }
        if let state {
            if !isAwaited { accounts.succeed(found) }
            SharedSpending.begin(state, of: accounts)
        }
        return accounts
    }

    func account(of tenant: String) -> Account {
        accounts.withLock { accounts in
            if let known = accounts[tenant] { return known }
            let made = Account(self, places?.places(of: tenant))
            accounts[tenant] = made
            return made
        }
    }

    /// Sessions of all tenants.
    var sessions: Int { accounts.withLock { $0.values.reduce(0) { $0 + $1.sessions } } }

    // MARK: Across restarts

    /// The previous process in this directory is gone: its spending since we began is added.
    func inherit(_ found: StateFile.Contents) {
        saved.withLock { $0.isSettled = false }
        guard places == nil else {
            endUsers.succeed(found.spending)
            return succeed(found)
        }
        follow(found.spending)
    }

    /// The previous process still spends beside us. Called as often as it saves. Where nodes share
    /// what they spend, the database says so.
    func follow() {
        guard places == nil else { return }
        follow(kept.readSpending(on: Account.today))
    }

    private func follow(_ rows: [Spending]) {
        endUsers.follow(rows)
        for row in rows.totals {
            let more = begun.withLock { begun in
                if begun.day != row.day { begun = (row.day, [:]) }
                let known = begun.costs[row.tenant] ?? 0
                begun.costs[row.tenant] = max(known, row.cost)
                return max(0, row.cost - known)
            }
            account(of: row.tenant).spend(more)
        }
    }

    /// Writes what has changed; called once a second and at the end, on a separate thread.
    func save() throws(LedgerError) {
        let today = Account.today
        do throws(LedgerError) {
            note(try kept.save { [self] isNew in changes(on: today, isNew) })
        } catch {
            endUsers.saveAll()
            throw error
        }
    }

    private func changes(on day: Int64, _ isNew: Bool) -> StateFile.SpendingChanges {
        let saved = isNew ? Saved() : saved.withLock { $0 }
        var changes = StateFile.SpendingChanges(day: day, process: state?.process)
        for (tenant, account) in accounts.withLock({ $0 }) {
            let (all, own) = account.spent(on: day)
            let known = saved.sums[tenant].flatMap { $0.day == day ? $0 : nil }
            guard (known ?? Sums(day: day)) != Sums(day: day, all: all, own: own) else { continue }
            changes.rows.append(Spending(day: day, tenant: tenant, process: "", cost: all))
            guard let process = state?.process else { continue }
            changes.rows.append(Spending(day: day, tenant: tenant, process: process, cost: own))
        }
        let (ofEndUsers, areAll) = endUsers.takeChanges(isNew)
        changes.rows += ofEndUsers
        changes.areAllEndUsers = areAll
        let inherited = inherited.withLock { $0 }
        if isNew { changes.rows += inherited }
        changes.isSettled = !saved.isSettled && inherited.isEmpty && endUsers.isSettled
        changes.isDue = state != nil && (!saved.isOurs || changes.isSettled)
        return changes
    }

    /// This is on disk.
    private func note(_ changes: StateFile.SpendingChanges) {
        guard changes.isDue || !changes.rows.isEmpty else { return }
        saved.withLock { saved in
            saved.isOurs = true
            if changes.isSettled { saved.isSettled = true }
            for row in changes.rows where row.endUser.isEmpty {
                var sums = saved.sums[row.tenant] ?? Sums(day: row.day)
                if sums.day != row.day { sums = Sums(day: row.day) }
                if row.process.isEmpty { sums.all = row.cost }
                // Without other nodes, this process's sum is the sum of all.
                if row.process == state?.process ?? "" { sums.own = row.cost }
                saved.sums[row.tenant] = sums
            }
        }
    }

    private static func ledger(_ place: LedgerPlace, on today: Int64) -> [(String, Int64)] {
        let midnight = WallTime(dayNumber: today)
        guard let reader = try? LedgerReader(place),
            let rows = try? reader.usage(by: .tenant, since: midnight)
        else { return [] }
        return rows.compactMap { row in row.tenant.map { ($0, row.cost) } }
    }
}

// What the nodes of a service have together.
extension Accounts: Spender {
    func adopt(_ policies: PolicySet) {
        let all = policies.all.map(\.policy)
        let limits = all.map { ($0.tenant, $0.limits.sessions) }
        places?.adopt(Dictionary(limits) { first, _ in first })
        endUsers.adopt(quotas: Set(all.filter(\.endUsers.hasQuota).map(\.tenant)))
    }

    /// See `SharedPlaces`.
    func awaitShare(within patience: Interval) { places?.awaitShare(within: patience) }

    /// The number of processes that accept sessions, this one included.
    var processes: Int { places?.processes ?? 1 }

    /// This node and the others learn nothing new of each other.
    var isCutOff: Bool { state?.outage != nil }

    /// The processes that wrote these rows have ended.
    private func succeed(_ found: StateFile.Contents) {
        places?.bury(found.processes.sorted())
        let rows = found.spending.filter {
            $0.endUser.isEmpty && !["", state?.process].contains($0.process)
        }
        inherited.withLock { $0 += rows }
    }

    func unwritten(_ most: Int) -> [Spending] {
        guard let process = state?.process else { return [] }
        let today = Account.today
        var rows = Array(inherited.withLock { $0 }.prefix(most))
        for (tenant, account) in accounts.withLock({ $0 }) {
            guard let cost = account.unwritten(on: today) else { continue }
            rows.append(Spending(day: today, tenant: tenant, process: process, cost: cost))
        }
        return rows + endUsers.unwritten(max(0, most - rows.count))
    }

    func wrote(_ rows: [Spending]) {
        let ofTenants = rows.filter { $0.endUser.isEmpty }
        // The written rows are the first ones, in the same order.
        inherited.withLock { $0.removeFirst(ofTenants.count { $0.process != state?.process }) }
        for row in ofTenants where row.process == state?.process {
            account(of: row.tenant).wrote(row.cost, on: row.day)
        }
        endUsers.wrote(rows.filter { !$0.endUser.isEmpty })
    }

    func takeQuestions(_ most: Int) -> [(tenant: String, endUser: String)] {
        endUsers.takeQuestions(most)
    }

    func hear(_ tenants: [String: Int64], on day: Int64) {
        // Includes tenants without a session here.
        let known = accounts.withLock { Set($0.keys) }
        for tenant in known.union(tenants.keys) {
            account(of: tenant).hear(others: tenants[tenant] ?? 0, on: day)
        }
    }

    func hear(_ endUsers: [Spending]) { self.endUsers.hear(endUsers) }
}

extension [Spending] {
    /// The rows that sum up a tenant: of all its end users, by all processes.
    fileprivate var totals: [Spending] { filter { $0.endUser.isEmpty && $0.process.isEmpty } }
}

/// One tenant's share of `Accounts`.
final class Account: Sendable {
    private let places: Places
    private let isShared: Bool
    private let exchanges = Atomic(0)
    private let starts = Mutex(StartBucket())
    private let budget = Mutex(DayBudget())
    private unowned let accounts: Accounts

    fileprivate init(_ accounts: Accounts, _ places: Places?) {
        self.accounts = accounts
        self.places = places ?? Places()
        isShared = places != nil
    }

    /// The UTC day, counted from 1970.
    static var today: Int64 { WallTime(nanoseconds: tk_wall()).dayNumber }

    /// The time until the next UTC day begins.
    static var untilTomorrow: Interval {
        let now = WallTime(nanoseconds: tk_wall())
        return WallTime(dayNumber: now.dayNumber + 1) - now
    }

    /// Sessions that have a place.
    var sessions: Int { places.count }

    /// Takes a place for one more session; false if there is none left of `limit`.
    ///
    /// - Parameter hasOne: Its conversation has a place already: when the session that drove it has
    ///   ended, it is one fewer again.
    func enter(limit: Int, ofConversation hasOne: Bool = false) -> Bool {
        places.take(limit: limit, ofConversation: hasOne)
    }

    /// Whether there is a place; it may be gone by the time it is taken.
    func hasRoom(limit: Int) -> Bool { places.isFree(limit: limit) }

    /// Whether there is a place for a client that waits for one, which other nodes may give up
    /// within a second or two.
    func hasRoomNow(limit: Int) -> Bool { places.hasFree(limit: limit) }

    /// Whether another node may have a place: then the client should try again.
    func hasRoomElsewhere(limit: Int) -> Bool {
        places.isFreeElsewhere(limit: limit, isCutOff: accounts.isCutOff)
    }

    /// Why the client is refused.
    func refusal(limit: Int) -> Rejection {
        hasRoomElsewhere(limit: limit) ? .elsewhere : Rejection(.sessions)
    }

    /// - Parameter isMoving: The session's conversation goes on at another node, with its place.
    func leave(isMoving: Bool = false) { places.leave(isMoving: isMoving && isShared) }

    /// Counts a start, in addition to that of the single client.
    func mayStart(limit: Int) -> Bool {
        let processes = accounts.processes
        return starts.withLock {
            $0.take(of: limit, shares: StartRates.clients, among: processes, at: tk_now())
        }
    }

    /// Takes a place for one more REST request; false if there are `limit` already.
    func beginExchange(limit: Int) -> Bool {
        guard exchanges.add(1, ordering: .relaxed).newValue > limit else { return true }
        endExchange()
        return false
    }

    func endExchange() { exchanges.subtract(1, ordering: .relaxed) }

    /// In millionths of a dollar; negative if a late report corrects an earlier one.
    /// - Returns: What was spent on this day before and after.
    @discardableResult
    func spend(_ cost: Int64) -> (before: Int64, after: Int64) {
        guard cost != 0 else { return (0, 0) }
        let today = Self.today
        return budget.withLock { budget in
            budget.turn(to: today)
            return budget.spend(cost)
        }
    }

    /// What the account's end users have used.
    var endUsers: EndUsers { accounts.endUsers }

    var spentToday: Int64 { spent(on: Self.today).all }

    /// What all processes spent on the day, and this one's part of it.
    func spent(on day: Int64) -> (all: Int64, own: Int64) {
        budget.withLock { $0.day == day ? ($0.total, $0.spent) : (0, 0) }
    }

    /// Whether today's budget is used up; on a node that is cut off, its share of what was left.
    func hasSpent(_ most: Int64) -> Bool {
        let today = Self.today
        let budget = budget.withLock { $0.day == today ? $0 : DayBudget() }
        let isCutOff = isShared && accounts.isCutOff
        return budget.hasSpent(most, cutOffAmong: isCutOff ? accounts.processes : nil)
    }

    fileprivate func restore(_ cost: Int64, on day: Int64) {
        change(on: day) { $0.restore(cost, isShared: isShared) }
    }

    fileprivate func hear(others cost: Int64, on day: Int64) {
        change(on: day) { $0.hear(others: cost) }
    }

    fileprivate func unwritten(on day: Int64) -> Int64? {
        budget.withLock { $0.day == day ? $0.unwritten : nil }
    }

    fileprivate func wrote(_ cost: Int64, on day: Int64) {
        change(on: day) { $0.wrote(cost) }
    }

    /// Does nothing if the day is over.
    private func change(on day: Int64, _ work: (inout DayBudget) -> Void) {
        guard day == Self.today else { return }
        budget.withLock { budget in
            budget.turn(to: day)
            work(&budget)
        }
    }
}

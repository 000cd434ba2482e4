import Basics
import CLinux
import Ledger
import Policies
import Synchronization

/// What each end user has used today. Used when a session begins, pays for a turn, and every ten
/// seconds; never for a message.
///
/// An application decides who its end users are, and a hostile crowd may have many names. So each
/// tenant's table is bounded: when it is full, those who have used least are forgotten. To lose an
/// entry of one's own, one would have to use as much under every other name.
///
/// Where nodes share, the table has what this process counts. What an end user has used elsewhere is
/// asked for when it comes, and every ten seconds while it is here.
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
        /// From then on it is asked for again, by the clock of `tk_now`.
        var due: Int64 = 0
    }

    private struct State {
        var day: Int64 = 0
        var tenants: [String: [String: Use]] = [:]
        /// Changed since the last save.
        var pending: Set<Name> = []
        var journaled = 0
        /// The file has everything that is not pending.
        var isWhole = false
        var elsewhere: [Name: Elsewhere] = [:]
        var questions: Set<Name> = []
        /// By tenant; changed since the database last heard of it.
        var unwritten: [String: Set<String>] = [:]
        /// Of earlier processes, which the database may not have yet.
        var inherited: [Spending] = []

        mutating func turn(to day: Int64) {
            if self.day != day { self = State(day: day) }
        }
    }

    private let state = Mutex(State())
    private let file: String
    private let most: Int
    /// The content of the file when this process began.
    private let begun = Mutex<[Name: Use]>([:])
    /// This one among all nodes'; nil where they share nothing.
    private let process: String?
    /// Tenants with quotas.
    private let quotas = Mutex<Set<String>>([])

    init(file: String, process: String? = nil, most: Int = 50_000) {
        self.file = file
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
            // Who is gone can be asked for again.
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

    /// Processes that wrote the file are over.
    private func succeed(_ lines: [Name: [String: Use]]) {
        let today = Account.today
        state.withLock { state in
            state.turn(to: today)
            for (name, uses) in lines {
                for (other, use) in uses where !other.isEmpty && other != process {
                    state.inherited.append(Self.row(today, name, use, other))
                }
                let sum = uses.filter { $0.key != process }.values.reduce(Use(), +)
                state.elsewhere[name, default: Elsewhere()].use =
                    sum.atLeast(state.elsewhere[name]?.use ?? Use())
            }
        }
    }

    // MARK: Across restarts

    /// From the file in the data directory, or from the ledger if it knows of more.
    func restore(from ledger: LedgerPlace?) {
        let lines = read()
        guard process == nil else { return succeed(lines) }
        for (name, uses) in lines {
            let use = uses.values.reduce(Use(), +)
            begun.withLock { $0[name] = use }
            raise(name, to: use)
        }
        let midnight = WallTime(nanoseconds: Account.today * Account.day)
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
        state.withLock { state in
            state.turn(to: today)
            let known = state.tenants[name.tenant]?[name.user] ?? Use()
            keep(known.atLeast(use), name.user, name.tenant, &state)
        }
    }

    /// The previous process that used the file is gone: what it counted since we began is added.
    func inherit() {
        let begun = begun.withLock { known in
            defer { known = [:] }
            return known
        }
        let lines = read()
        state.withLock { $0.isWhole = false }
        guard process == nil else { return succeed(lines) }
        for (name, uses) in lines {
            let (use, before) = (uses.values.reduce(Use(), +), begun[name] ?? Use())
            spend(
                name.user, tenant: name.tenant, cost: max(0, use.cost - before.cost),
                milliseconds: max(0, use.milliseconds - before.milliseconds))
        }
    }

    /// Writes what has changed; called once a second and at the end, on a separate thread. False if
    /// that fails.
    func save() -> Bool {
        let today = Account.today
        let (text, isWhole): (String, Bool) = state.withLock { state in
            guard state.day == today, !state.pending.isEmpty else { return ("", false) }
            let count = state.tenants.values.reduce(0) { $0 + $1.count }
            let isWhole = !state.isWhole || state.journaled > 4 * count + 1000
            var text = ""
            if isWhole {
                for (tenant, table) in state.tenants {
                    for (user, use) in table { text += line(today, tenant, user, use) }
                }
                for row in state.inherited {
                    let use = Use(cost: row.cost, milliseconds: row.milliseconds)
                    text += line(row.day, row.tenant, row.endUser, use, of: row.process)
                }
                state.journaled = count
            } else {
                for name in state.pending {
                    guard let use = state.tenants[name.tenant]?[name.user] else { continue }
                    text += line(today, name.tenant, name.user, use)
                    state.journaled += 1
                }
            }
            state.pending = []
            state.isWhole = true
            return (text, isWhole)
        }
        guard !text.isEmpty else { return true }
        let bytes = Array(text.utf8)
        let isWritten =
            isWhole ? File.replace(file, with: bytes, mode: 0o600) : File.append(file, bytes)
        if !isWritten {
            state.withLock { state in
                state.isWhole = false
                // Anything: the next save writes all.
                if let (tenant, table) = state.tenants.first, let user = table.first?.key {
                    state.pending.insert(Name(tenant: tenant, user: user))
                }
            }
        }
        return isWritten
    }

    /// Day (counted from 1970), tenant, the name in base64, millionths of a dollar, milliseconds;
    /// where nodes share, the process that counted them.
    private func line(
        _ day: Int64, _ tenant: String, _ user: String, _ use: Use, of other: String? = nil
    ) -> String {
        let name = String(decoding: Base64.encode(Array(user.utf8).span), as: UTF8.self)
        let process = (other ?? process).map { " " + $0 } ?? ""
        return "\(day) \(tenant) \(name) \(use.cost) \(use.milliseconds)\(process)\n"
    }

    /// Today's lines, by process; a later one replaces an earlier one.
    private func read() -> [Name: [String: Use]] {
        guard let bytes = File.read(file, limit: 256 << 20) else { return [:] }
        let today = Account.today
        var found: [Name: [String: Use]] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard (5...6).contains(words.count), Int64(words[0]) == today,
                let user = Base64.decode(Array(words[2].utf8).span), let cost = Int64(words[3]),
                let milliseconds = Int64(words[4]), cost >= 0, milliseconds >= 0
            else { continue }
            let name = Name(
                tenant: String(words[1]), user: String(decoding: user, as: UTF8.self))
            found[name, default: [:]][words.count == 6 ? String(words[5]) : ""] =
                Use(cost: cost, milliseconds: milliseconds)
        }
        return found
    }
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

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
final class EndUsers: Sendable {
    struct Use: Equatable, Sendable {
        /// Millionths of a dollar.
        var cost: Int64 = 0
        var milliseconds: Int64 = 0

        /// A minute costs a few cents, so both count about the same.
        fileprivate var weight: Int64 { cost &+ milliseconds }
    }

    private struct Name: Hashable {
        var tenant: String
        var user: String
    }

    private struct State {
        var day: Int64 = 0
        var tenants: [String: [String: Use]] = [:]
        /// Changed since the last save.
        var pending: Set<Name> = []
        var journaled = 0
        /// The file has everything that is not pending.
        var isWhole = false

        mutating func turn(to day: Int64) {
            if self.day != day { self = State(day: day) }
        }
    }

    private let state = Mutex(State())
    private let file: String
    private let most: Int
    /// The content of the file when this process began.
    private let begun = Mutex<[Name: Use]>([:])

    init(file: String, most: Int = 50_000) {
        self.file = file
        self.most = most
    }

    func use(of user: String, tenant: String) -> Use {
        let today = Account.today
        return state.withLock { $0.day == today ? $0.tenants[tenant]?[user] : nil } ?? Use()
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
        guard let table = state.tenants[tenant], table.count > most else { return }
        // A tenth at once, so that a crowd of names does not sort the table for each of them.
        let least = table.sorted { ($0.value.weight, $0.key) < ($1.value.weight, $1.key) }
        for (user, _) in least.prefix(max(1, most / 10)) {
            state.tenants[tenant]?[user] = nil
            state.pending.remove(Name(tenant: tenant, user: user))
        }
    }

    // MARK: Across restarts

    /// From the file in the data directory, or from the ledger if it knows of more.
    func restore(from ledger: LedgerPlace?) {
        for (name, use) in read() {
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
            keep(
                Use(
                    cost: max(known.cost, use.cost),
                    milliseconds: max(known.milliseconds, use.milliseconds)),
                name.user, name.tenant, &state)
        }
    }

    /// The previous process that used the file is gone: what it counted since we began is added.
    func inherit() {
        let begun = begun.withLock { known in
            defer { known = [:] }
            return known
        }
        for (name, use) in read() {
            let before = begun[name] ?? Use()
            spend(
                name.user, tenant: name.tenant, cost: max(0, use.cost - before.cost),
                milliseconds: max(0, use.milliseconds - before.milliseconds))
        }
        state.withLock { $0.isWhole = false }
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
                    for (user, use) in table { text += Self.line(today, tenant, user, use) }
                }
                state.journaled = count
            } else {
                for name in state.pending {
                    guard let use = state.tenants[name.tenant]?[name.user] else { continue }
                    text += Self.line(today, name.tenant, name.user, use)
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

    /// Day (counted from 1970), tenant, the name in base64, millionths of a dollar, milliseconds.
    private static func line(
        _ day: Int64, _ tenant: String, _ user: String, _ use: Use
    ) -> String {
        let name = String(decoding: Base64.encode(Array(user.utf8).span), as: UTF8.self)
        return "\(day) \(tenant) \(name) \(use.cost) \(use.milliseconds)\n"
    }

    /// Today's lines; a later one replaces an earlier one.
    private func read() -> [Name: Use] {
        guard let bytes = File.read(file, limit: 256 << 20) else { return [:] }
        let today = Account.today
        var found: [Name: Use] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count == 5, Int64(words[0]) == today,
                let user = Base64.decode(Array(words[2].utf8).span), let cost = Int64(words[3]),
                let milliseconds = Int64(words[4]), cost >= 0, milliseconds >= 0
            else { continue }
            let name = Name(
                tenant: String(words[1]), user: String(decoding: user, as: UTF8.self))
            found[name] = Use(cost: cost, milliseconds: milliseconds)
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

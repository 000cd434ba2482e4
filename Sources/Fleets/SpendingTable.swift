/// The table `spending` of tenants as a value, with the statements of `SharedSpending` as its
/// operations. A test of the ledger plays the same operations on both.
public struct SpendingTable: Sendable {
    public struct Key: Hashable, Sendable {
        public var day: Int64
        public var tenant: String
        public var process: String

        public init(day: Int64, tenant: String, process: String) {
            self.day = day
            self.tenant = tenant
            self.process = process
        }
    }

    private var rows: [Key: (cost: Int64, changed: Int64)] = [:]
    /// Transactions are one after another here: all before it are over.
    public private(set) var horizon: Int64 = 1

    public init() {}

    /// A process knows best what it has spent. Of an earlier one the files may know less than it has
    /// written.
    public mutating func write(_ costs: [(key: Key, cost: Int64)], by process: String) {
        for (key, cost) in costs where rows[key]?.cost != cost {
            let old = rows[key]?.cost ?? .min
            rows[key] = (key.process == process ? cost : max(old, cost), horizon)
        }
        horizon += 1
    }

    /// What others have spent, of rows that transactions from this one on have written.
    public func changes(
        since horizon: Int64, on day: Int64, except process: String
    ) -> [(tenant: String, process: String, cost: Int64)] {
        rows.filter {
            $0.value.changed >= horizon && $0.key.day == day && $0.key.process != process
        }
        .map { ($0.key.tenant, $0.key.process, $0.value.cost) }
        .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    }

    public func sum(of tenant: String, on day: Int64) -> Int64 {
        rows.reduce(0) { $0 + ($1.key.tenant == tenant && $1.key.day == day ? $1.value.cost : 0) }
    }
}

/// The places that other processes hold for tenants, as last read. Only changed rows are read: all
/// rows of all nodes, read twice a second by each node, would be too many.
public struct OtherPlaces: Sendable {
    /// A row of another process.
    public struct Row: Equatable, Sendable {
        public var tenant: String
        public var process: String
        public var claim: PlaceClaim

        public init(tenant: String, process: String, claim: PlaceClaim) {
            self.tenant = tenant
            self.process = process
            self.claim = claim
        }
    }

    /// The number of processes that accept sessions, this one included.
    public private(set) var processes = 0
    /// This process accepts no more sessions.
    public private(set) var isLeaving = false
    /// Everything that transactions before this one have written has been read.
    public private(set) var horizon: Int64 = 0
    /// By tenant and process.
    private var rows: [String: [String: PlaceClaim]] = [:]
    private var sums: [String: PlaceClaim] = [:]
    private var present: Set<String> = []

    public init() {}

    /// The sum over all other processes that are present.
    public subscript(_ tenant: String) -> PlaceClaim {
        mutating get {
            if let known = sums[tenant] { return known }
            var sum = PlaceClaim()
            for (process, claim) in rows[tenant] ?? [:] where present.contains(process) {
                sum.used += claim.used
                sum.held += max(claim.used, claim.held)
                sum.wanted += claim.wanted
            }
            sums[tenant] = sum
            return sum
        }
    }

    /// Call this first, with the processes that were heard from.
    public mutating func hear(
        _ found: [(process: String, isDraining: Bool)], as own: String
    ) {
        processes = found.count { !$0.isDraining }
        isLeaving = found.contains { $0.process == own && $0.isDraining }
        let others = Set(found.map(\.process).filter { $0 != own })
        guard others != present else { return }
        // For a process that is new, or has come back, all rows are read.
        if !others.isSubset(of: present) { horizon = 0 }
        rows = rows.mapValues { $0.filter { others.contains($0.key) } }
        sums = [:]
        present = others
    }

    /// Call this next, with the rows that other processes' transactions have written since
    /// `horizon`.
    /// - Parameter next: When `found` was read, all transactions before this one had ended.
    public mutating func hear(_ found: [Row], upTo next: Int64) {
        for row in found {
            rows[row.tenant, default: [:]][row.process] = row.claim
            sums[row.tenant] = nil
        }
        horizon = next
    }
}

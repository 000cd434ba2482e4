/// What other processes hold of tenants' places, as far as it was read. Rows that have changed since
/// are read, and no others: all rows of all nodes, twice a second by each, would be too many.
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
    /// This process takes no more.
    public private(set) var isLeaving = false
    /// What earlier transactions have written has been read.
    public private(set) var horizon: Int64 = 0
    /// By tenant and process.
    private var rows: [String: [String: PlaceClaim]] = [:]
    private var sums: [String: PlaceClaim] = [:]
    private var present: Set<String> = []

    public init() {}

    /// Of all others that are there.
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

    /// First: which processes were heard of.
    public mutating func hear(
        _ found: [(process: String, isDraining: Bool)], as own: String
    ) {
        processes = found.count { !$0.isDraining }
        isLeaving = found.contains { $0.process == own && $0.isDraining }
        let others = Set(found.map(\.process).filter { $0 != own })
        guard others != present else { return }
        // Of one that has come, or has come back, all is read.
        if !others.isSubset(of: present) { horizon = 0 }
        rows = rows.mapValues { $0.filter { others.contains($0.key) } }
        sums = [:]
        present = others
    }

    /// Then: the rows of others that transactions from `horizon` on have written.
    /// - Parameter next: Before `found` was read, all earlier transactions were over.
    public mutating func hear(_ found: [Row], upTo next: Int64) {
        for row in found {
            rows[row.tenant, default: [:]][row.process] = row.claim
            sums[row.tenant] = nil
        }
        horizon = next
    }
}

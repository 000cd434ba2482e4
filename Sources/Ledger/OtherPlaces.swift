import Basics

/// What other processes hold of tenants' places, as far as it was read. Rows that have changed since
/// are read, and no others: all rows of all nodes, twice a second by each, would be too many.
struct OtherPlaces {
    /// That take sessions, this one included.
    private(set) var processes = 0
    /// This process takes no more.
    private(set) var isLeaving = false
    /// By tenant and process.
    private var rows: [String: [String: SharedPlaces.Claim]] = [:]
    private var sums: [String: SharedPlaces.Claim] = [:]
    private var present: Set<String> = []
    /// What earlier transactions have written has been read.
    private var horizon: Int64 = 0

    /// Of all others that are there.
    subscript(_ tenant: String) -> SharedPlaces.Claim {
        mutating get {
            if let known = sums[tenant] { return known }
            var sum = SharedPlaces.Claim()
            for (process, claim) in rows[tenant] ?? [:] where present.contains(process) {
                sum.used += claim.used
                sum.held += max(claim.used, claim.held)
                sum.wanted += claim.wanted
            }
            sums[tenant] = sum
            return sum
        }
    }

    /// - Parameter window: A process that was not heard of for so long is not there.
    mutating func read(
        _ postgres: Postgres, as process: String, _ window: Interval
    ) throws(LedgerError) {
        var horizon = self.horizon
        var found: (present: Set<String>, processes: Int) = ([], 0)
        var isLeaving = false
        try postgres.query(
            """
            SELECT id, is_draining, txid_snapshot_xmin(txid_current_snapshot()) FROM processes
                WHERE \(Self.isThere("?"))
            """, [.integer(window.milliseconds)]
        ) { row in
            horizon = row.integer(2)
            if row.integer(1) == 0 { found.processes += 1 }
            if row.text(0) == process {
                isLeaving = row.integer(1) != 0
            } else {
                found.present.insert(row.text(0))
            }
        }
        (processes, self.isLeaving) = (found.processes, isLeaving)
        if found.present != present {
            // Of one that has come, or has come back, all is read.
            if !found.present.isSubset(of: present) { self.horizon = 0 }
            rows = rows.mapValues { $0.filter { found.present.contains($0.key) } }
            sums = [:]
            present = found.present
        }
        var changes: [(tenant: String, process: String, claim: SharedPlaces.Claim)] = []
        try postgres.query(
            """
            SELECT tenant, process, used, held, wanted FROM places
                WHERE changed >= ? AND process != ?
            """, [.integer(self.horizon), .text(process)]
        ) { row in
            let claim = SharedPlaces.Claim(
                used: Int(row.integer(2)), held: Int(row.integer(3)),
                wanted: Int(row.integer(4)))
            changes.append((row.text(0), row.text(1), claim))
        }
        for change in changes {
            rows[change.tenant, default: [:]][change.process] = change.claim
            sums[change.tenant] = nil
        }
        self.horizon = horizon
    }

    /// - Parameter window: The name of a parameter, in milliseconds.
    static func isThere(_ window: String) -> String {
        "seen > now() - \(window) * interval '1 millisecond'"
    }
}

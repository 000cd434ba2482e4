import Basics
import Sharing

extension OtherPlaces {
    /// Reads what has changed since the last time.
    /// - Parameter window: A process that was not heard from for this long counts as gone.
    mutating func read(
        _ postgres: Postgres, as own: String, _ window: Interval
    ) throws(LedgerError) {
        var next = horizon
        var found: [(process: String, isDraining: Bool)] = []
        try postgres.query(
            """
            SELECT id, is_draining, txid_snapshot_xmin(txid_current_snapshot()) FROM processes
                WHERE \(Self.isThere("?"))
            """, [.integer(window.milliseconds)]
        ) { row in
            next = row.integer(2)
            found.append((row.text(0), row.integer(1) != 0))
        }
        hear(found, as: own)
        var changes: [Row] = []
        try postgres.query(
            """
            SELECT tenant, process, used, held, wanted FROM places
                WHERE changed >= ? AND process != ?
            """, [.integer(horizon), .text(own)]
        ) { row in
            let claim = PlaceClaim(
                used: Int(row.integer(2)), held: Int(row.integer(3)),
                wanted: Int(row.integer(4)))
            changes.append(Row(tenant: row.text(0), process: row.text(1), claim: claim))
        }
        hear(changes, upTo: next)
    }

    /// - Parameter window: The name of a parameter, in milliseconds.
    static func isThere(_ window: String) -> String {
        "seen > now() - \(window) * interval '1 millisecond'"
    }
}

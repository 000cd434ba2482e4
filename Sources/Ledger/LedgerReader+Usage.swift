public import Basics
import Usage

extension LedgerReader {
    /// Turns that began from `since` up to, not including, `until`, summed up; of one tenant, where
    /// one is named. Sessions are counted where they began in that time. In the order of what they
    /// are grouped by.
    public func usage(
        by grouping: UsageGrouping = .tenantAndModel, since: WallTime? = nil,
        until: WallTime? = nil, tenant: String? = nil
    ) throws(LedgerError) -> [UsageRow] {
        let window = [
            Value.integer(since?.microseconds ?? 0), .integer(until?.microseconds ?? .max),
            Value(tenant),
        ]
        var rows: [String: UsageRow] = [:]
        func key(_ row: borrowing Row) -> String {
            let key = "\(row.text(0))\u{0}\(row.text(1))\u{0}\(row.text(2))\u{0}\(row.text(3))"
            if rows[key] == nil {
                var made = UsageRow()
                made.tenant = row.optionalText(0)
                made.model = row.optionalText(1)
                made.session = row.optionalText(2)
                made.day = row.optionalText(3)
                rows[key] = made
            }
            return key
        }
        let ofSession = grouping.columns(time: "s.started_us")
        let ofTurn = grouping.columns(time: "t.started_us")
        let ofOne = "(?3 IS NULL OR s.tenant = ?3)"
        let inWindow = "t.started_us >= ?1 AND t.started_us < ?2 AND \(ofOne)"
        try database.query(
            "SELECT \(ofSession), count(*) FROM sessions s WHERE s.started_us >= ?1 "
                + "AND s.started_us < ?2 AND \(ofOne) GROUP BY 1, 2, 3, 4", window
        ) { rows[key($0)]?.sessions = Int($0.integer(4)) }
        try database.query(
            "SELECT \(ofTurn), t.number, cost_micro_usd, remedy_cost_micro_usd, tokens "
                + "FROM turns t JOIN sessions s ON s.key = t.session WHERE \(inWindow)", window
        ) { row in
            let key = key(row)
            guard var sum = rows[key] else { return }
            sum.turns += row.integer(4) > 0 ? 1 : 0
            sum.cost += row.integer(5)
            sum.remedyCost += row.integer(6)
            TokenText.add(row.text(7), to: &sum.reported, &sum.estimated)
            rows[key] = sum
        }
        return rows.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension UsageGrouping {
    /// Tenant, model, session and day, null where the group spans them.
    fileprivate func columns(time: String) -> String {
        let day = "date(\(time) / 1000000, 'unixepoch')"
        return switch self {
        case .tenantAndModel: "s.tenant, s.model, NULL, NULL"
        case .tenant: "s.tenant, NULL, NULL, NULL"
        case .model: "NULL, s.model, NULL, NULL"
        case .session: "s.tenant, s.model, s.id, NULL"
        case .day: "NULL, NULL, NULL, \(day)"
        case .dayAndTenant: "s.tenant, NULL, NULL, \(day)"
        }
    }
}

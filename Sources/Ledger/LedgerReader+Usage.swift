public import Basics
import Usage

extension LedgerReader {
    /// The same; if rows are grouped by tenant, with each tenant's budget for the day of `now`.
    public func usage(
        _ grouping: UsageGrouping, since: WallTime?, until: WallTime?, tenant: String?,
        at now: WallTime
    ) throws(LedgerError) -> [UsageRow] {
        var rows = try usage(by: grouping, since: since, until: until, tenant: tenant)
        guard grouping.dimensions.contains(.tenant) else { return rows }
        var budgets: [String: (most: Int64, used: Int64)] = [:]
        for tenant in Set(rows.compactMap(\.tenant)).sorted() {
            guard let policy = try policy(of: tenant, at: now),
                let most = Self.dayBudget(policy)
            else { continue }
            budgets[tenant] = (most, 0)
        }
        guard !budgets.isEmpty else { return rows }
        for row in try usage(by: .tenant, since: WallTime("today", before: now), tenant: tenant) {
            row.tenant.map { budgets[$0]?.used = row.cost }
        }
        for place in rows.indices {
            rows[place].dayBudget = rows[place].tenant.flatMap { budgets[$0] }
        }
        return rows
    }

    /// `budget.day_usd: 2.50  # acme.yaml:7`, in a policy as `explain` prints it.
    static func dayBudget(_ policy: String) -> Int64? {
        let lead = "budget.day_usd: "
        guard let line = policy.split(separator: "\n").first(where: { $0.hasPrefix(lead) }) else {
            return nil
        }
        let parts = line.dropFirst(lead.count).prefix { $0 != " " }
            .split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first.flatMap({ Int64($0) }), parts.count <= 2 else { return nil }
        let digits = parts.count == 2 ? parts[1].prefix(6) : ""
        guard let part = Int64(digits + String(repeating: "0", count: 6 - digits.count)),
            whole < 1_000_000_000
        else { return nil }
        return whole * 1_000_000 + part
    }

    /// The sum of turns that began from `since` up to, but not including, `until`, for one tenant
    /// if given. Sessions are counted if they began in that time. A turn belongs to the model that
    /// answered it, a session to the one that it ended with. Sorted by the grouping.
    public func usage(
        by grouping: UsageGrouping = .tenantAndModel, since: WallTime? = nil,
        until: WallTime? = nil, tenant: String? = nil
    ) throws(LedgerError) -> [UsageRow] {
        let window = [
            Value.integer(since?.microseconds ?? 0), .integer(until?.microseconds ?? .max),
            Value(tenant),
        ]
        var rows: [String: UsageRow] = [:]
        let dimensions = grouping.shown
        func key(_ row: borrowing Row) -> String {
            var key = ""
            for place in dimensions.indices { key += row.text(Int32(place)) + "\u{0}" }
            if rows[key] == nil {
                var made = UsageRow()
                for (place, dimension) in dimensions.enumerated() {
                    made[dimension] = row.text(Int32(place))
                }
                rows[key] = made
            }
            return key
        }
        let ofSession = grouping.columns(time: "s.started_us", model: "s.model", dialect)
        // A session's row, which only names its model, stays one.
        let ofTurn = grouping.columns(
            time: "t.started_us",
            model: grouping.dimensions.contains(.model) ? Self.modelOfTurn : "s.model", dialect)
        let length = dialect.greater("0", "coalesce(s.ended_us, \(dialect.now)) - s.started_us")
        let first = Int32(dimensions.count)
        let groups = (1...dimensions.count).map(String.init).joined(separator: ", ")
        let ofOne = "(CAST(?3 AS TEXT) IS NULL OR s.tenant = ?3)"
        let inWindow = "t.started_us >= ?1 AND t.started_us < ?2 AND \(ofOne)"
        try database.query(
            "SELECT \(ofSession), count(*), sum(\(length)) FROM sessions s "
                + "WHERE s.started_us >= ?1 AND s.started_us < ?2 AND \(ofOne) "
                + "GROUP BY \(groups)", window
        ) { row in
            let key = key(row)
            rows[key]?.sessions = Int(row.integer(first))
            rows[key]?.lasted = Interval(nanoseconds: row.integer(first + 1) &* 1000)
        }
        try database.query(
            "SELECT \(ofTurn), sum(CASE WHEN t.number > 0 THEN 1 ELSE 0 END), "
                + "\(dialect.total("cost_micro_usd")), "
                + "\(dialect.total("remedy_cost_micro_usd")) FROM turn t "
                + "JOIN sessions s ON s.key = t.session WHERE \(inWindow) GROUP BY \(groups)",
            window
        ) { row in
            let key = key(row)
            rows[key]?.turns = Int(row.integer(first))
            rows[key]?.cost = row.integer(first + 1)
            rows[key]?.remedyCost = row.integer(first + 2)
        }
        // Here too the database adds up: a quarter has more turns than fit in memory.
        try database.query(
            "SELECT \(ofTurn), \(dialect.nameOfCount), \(dialect.total(dialect.count)) FROM turn t "
                + "JOIN sessions s ON s.key = t.session, \(dialect.counts(of: "t.tokens")) "
                + "WHERE \(inWindow) AND t.tokens != '' GROUP BY \(groups), \(first + 1)", window
        ) { row in
            let key = key(row)
            guard var sum = rows[key] else { return }
            TokenText.add(
                row.text(first) + row.text(first + 1), to: &sum.reported, &sum.estimated)
            rows[key] = sum
        }
        return rows.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The model of the newest connection that existed before the turn `t` ended. Usage outside of
    /// turns belongs to no model.
    static let modelOfTurn = """
        coalesce((SELECT c.model FROM connection c WHERE c.session = t.session AND c.model != ''
            AND c.opened_us <= coalesce(t.ended_us, c.opened_us)
            ORDER BY c.number DESC LIMIT 1), s.model)
        """
}

extension UsageGrouping {
    /// A session's row also names its tenant.
    fileprivate var shown: [Dimension] {
        guard dimensions.contains(.session) else { return dimensions }
        return [.tenant, .model].filter { !dimensions.contains($0) } + dimensions
    }

    fileprivate func columns(
        time: String, model: String, _ dialect: Dialect
    ) -> String {
        shown.map { dimension in
            switch dimension {
            case .tenant: "s.tenant"
            case .model: model
            case .session: "s.id"
            case .day: dialect.day(time)
            case .month: dialect.month(time)
            case .endUser: "s.end_user"
            }
        }.joined(separator: ", ")
    }
}

extension UsageRow {
    /// The group's common value; nil if it is not grouped by this.
    subscript(dimension: UsageGrouping.Dimension) -> String? {
        get {
            switch dimension {
            case .tenant: tenant
            case .model: model
            case .session: session
            case .day: day
            case .month: month
            case .endUser: endUser
            }
        }
        set {
            switch dimension {
            case .tenant: tenant = newValue
            case .model: model = newValue
            case .session: session = newValue
            case .day: day = newValue
            case .month: month = newValue
            case .endUser: endUser = newValue
            }
        }
    }
}

extension UsageGrouping.Dimension {
    /// The name in columns and JSON.
    var name: String { self == .endUser ? "end_user" : rawValue }
}

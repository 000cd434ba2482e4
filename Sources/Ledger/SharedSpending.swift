import Basics
import CLinux
import Sharing
import Synchronization
import Wire

/// One process's spending on one day, counted from 1970, for a tenant or for one of its end users.
public struct Spending: Equatable, Sendable {
    public var day: Int64
    public var tenant: String
    /// Empty for the whole tenant.
    public var endUser: String
    public var process: String
    /// In millionths of a dollar.
    public var cost: Int64
    public var milliseconds: Int64

    public init(
        day: Int64, tenant: String, endUser: String = "", process: String, cost: Int64,
        milliseconds: Int64 = 0
    ) {
        self.day = day
        self.tenant = tenant
        self.endUser = endUser
        self.process = process
        self.cost = cost
        self.milliseconds = milliseconds
    }
}

/// Counts a process's spending. Called on the thread for what nodes share.
public protocol Spender: AnyObject, Sendable {
    /// Rows that are not written yet: those of this process, and of earlier ones in its place.
    func unwritten(_ most: Int) -> [Spending]
    func wrote(_ rows: [Spending])
    /// End users whose spending on other nodes is to be queried.
    func takeQuestions(_ most: Int) -> [(tenant: String, endUser: String)]
    /// Other processes' spending for tenants: all tenants for which they have any.
    func hear(_ tenants: [String: Int64], on day: Int64)
    /// The same for the end users it has queried: the sums of all other processes.
    func hear(_ endUsers: [Spending])
}

/// Counts dollars and minutes over all nodes: a row for each day, tenant, end user and process
/// contains the whole sum, so that writing it twice changes nothing. Twice a second, every process
/// reads the others' spending for its tenants; for end users, when they connect and while they are
/// here.
///
/// Days are the database's. If a node's clock is wrong by days, its today is the database's today;
/// an error of hours remains, and its day begins that much too early or too late.
public final class SharedSpending: Sendable {
    /// Rows per statement.
    private static let batch = 5000
    private static let days: Int64 = 2

    private unowned let shared: SharedState
    private let clock: @Sendable () -> WallTime
    private let others = Mutex(OtherSpending(day: 0))

    private init(_ shared: SharedState, _ clock: @escaping @Sendable () -> WallTime) {
        self.shared = shared
        self.clock = clock
    }

    /// Runs in every round from now on.
    public static func begin(_ shared: SharedState, of spender: any Spender) {
        begin(shared, of: spender) { WallTime(nanoseconds: tk_wall()) }
    }

    /// - Parameter clock: This node's, which also says on which day the spender has spent.
    static func begin(
        _ shared: SharedState, of spender: any Spender,
        at clock: @escaping @Sendable () -> WallTime
    ) {
        let made = SharedSpending(shared, clock)
        shared.everyRound { [weak spender] (postgres) throws(LedgerError) in
            if let spender { try made.round(spender, postgres) }
        }
        // By the database's clock: a node whose clock is wrong must not forget what others count.
        shared.forgets(
            "spending", where: "day < floor(extract(epoch FROM now()) / 86400)::bigint - \(days)")
    }

    private func round(_ spender: any Spender, _ postgres: Postgres) throws(LedgerError) {
        let (horizon, behind) = try compareClocks(postgres)
        let rows = spender.unwritten(Self.batch)
        if !rows.isEmpty {
            let dated = rows.map { row in
                var row = row
                row.day += behind
                return row
            }
            try Self.write(dated, by: shared.process, postgres)
            spender.wrote(rows)
        }
        guard !shared.isEnding else { return }
        let day = clock().dayNumber
        spender.hear(try read(day + behind, upTo: horizon, postgres), on: day)
        let questions = spender.takeQuestions(Self.batch)
        if !questions.isEmpty {
            let found = try find(questions, on: day + behind, postgres)
            spender.hear(
                found.map { row in
                    var row = row
                    row.day = day
                    return row
                })
        }
        if rows.count == Self.batch || questions.count == Self.batch { shared.hasten() }
    }

    /// - Returns: `horizon`: everything that earlier transactions have written is readable;
    ///   `daysBehind`: the days by which this node's clock is behind the database's.
    private func compareClocks(
        _ postgres: Postgres
    ) throws(LedgerError) -> (horizon: Int64, daysBehind: Int64) {
        var (horizon, there) = (Int64(0), WallTime(nanoseconds: 0))
        try postgres.query(
            "SELECT txid_snapshot_xmin(txid_current_snapshot()), \(Postgres.nowInMicroseconds)", []
        ) { row in
            horizon = row.integer(0)
            there = WallTime(microseconds: row.integer(1))
        }
        // Rounded: an hour more or less is not another day.
        let apart = (there - clock()).nanoseconds
        let day = Interval.day.nanoseconds
        return (horizon, (apart + (apart < 0 ? -day : day) / 2) / day)
    }

    /// Other processes' spending, by tenant. Reads only rows that have changed.
    /// - Parameter horizon: What transactions before this one have written is readable.
    private func read(
        _ day: Int64, upTo horizon: Int64, _ postgres: Postgres
    ) throws(LedgerError) -> [String: Int64] {
        // If this fails, all rows are read again.
        var others = self.others.withLock { others in
            defer { others = OtherSpending(day: 0) }
            return others.day == day ? others : OtherSpending(day: day)
        }
        var changes: [(tenant: String, process: String, cost: Int64)] = []
        try postgres.query(
            """
            SELECT tenant, process, cost FROM spending
                WHERE changed >= ? AND end_user = '' AND day = ? AND process != ?
            """, [.integer(others.horizon), .integer(day), .text(shared.process)]
        ) { changes.append(($0.text(0), $0.text(1), $0.integer(2))) }
        others.hear(changes, upTo: horizon)
        self.others.withLock { $0 = others }
        return others.sums
    }

    static func write(
        _ rows: [Spending], by process: String, _ postgres: Postgres
    ) throws(LedgerError) {
        var json = JSONOutput()
        json.objects(nil, rows) { row, spending in
            row.integer("day", spending.day)
            row.own("tenant", spending.tenant)
            row.own("end_user", spending.endUser)
            row.own("process", spending.process)
            row.integer("cost", spending.cost)
            row.integer("milliseconds", spending.milliseconds)
        }
        // A process knows its own spending best. For an earlier process, the files may know less
        // than it has written. A single statement may be executed after the next one, on another
        // connection.
        try postgres.atomically { () throws(LedgerError) in
            _ = try postgres.run(
                """
                INSERT INTO spending AS s (day, end_user, tenant, process, cost, milliseconds)
                    SELECT day, end_user, tenant, process, cost, milliseconds
                    FROM json_to_recordset(?1::json) AS m (day bigint, end_user text, tenant text,
                        process text, cost bigint, milliseconds bigint)
                    ON CONFLICT (day, end_user, tenant, process) DO UPDATE SET
                        cost = CASE WHEN s.process = ?2 THEN excluded.cost
                            ELSE greatest(s.cost, excluded.cost) END,
                        milliseconds = greatest(s.milliseconds, excluded.milliseconds),
                        changed = txid_current()
                    WHERE s.cost != excluded.cost OR s.milliseconds != excluded.milliseconds
                """, [.bytes(json.bytes), .text(process)])
        }
    }

    /// Includes those without any rows.
    private func find(
        _ questions: [(tenant: String, endUser: String)], on day: Int64, _ postgres: Postgres
    ) throws(LedgerError) -> [Spending] {
        var json = JSONOutput()
        json.objects(nil, questions) { row, question in
            row.own("tenant", question.tenant)
            row.own("end_user", question.endUser)
        }
        var found: [Spending] = []
        try postgres.query(
            """
            SELECT m.tenant, m.end_user, coalesce(sum(cost), 0)::bigint,
                    coalesce(sum(milliseconds), 0)::bigint
                FROM json_to_recordset(?1::json) AS m (tenant text, end_user text)
                LEFT JOIN spending s ON s.day = ?2 AND s.end_user = m.end_user
                    AND s.tenant = m.tenant AND s.process != ?3
                GROUP BY m.tenant, m.end_user
            """, [.bytes(json.bytes), .integer(day), .text(shared.process)]
        ) { row in
            found.append(
                Spending(
                    day: day, tenant: row.text(0), endUser: row.text(1), process: "",
                    cost: row.integer(2), milliseconds: row.integer(3)))
        }
        return found
    }
}

import Basics

/// Copies a SQLite ledger to PostgreSQL, even while a server writes one or both.
public enum LedgerCopy {
    public struct Result: Equatable, Sendable {
        public var sessions = 0
        /// Live sessions, which are left out because they still change.
        public var live = 0
        /// Sessions that PostgreSQL refused, with the reason.
        public var refused: [String] = []
    }

    /// The number of sessions per transaction.
    private static let batch = 200
    /// Sessions of the last ten years keep their days.
    private static let eldest: Int64 = 3700

    /// Repeating it is harmless: a session is identified by its id.
    public static func run(
        from path: String, to address: PostgresAddress
    ) throws(LedgerError) -> Result {
        let source = try Database.reading(path)
        let postgres = try Postgres(address, for: .writing)
        try PostgresSchema.migrate(postgres)
        var cargo = try Cargo(from: source, of: Cargo.Owner(), eldest: eldest)
        try cargo.takePolicies()
        try cargo.send(to: postgres)
        var result = Result()
        result.live = Int(
            try source.integer("SELECT count(*) FROM sessions WHERE ended_us IS NULL"))
        var limit = batch
        var done: Int64 = -1
        while let last = try cargo.load(sessionsAfter: done, limit) {
            let count = Int(
                try source.integer("SELECT count(*) FROM taken WHERE kind = 'sessions'"))
            do {
                try cargo.send(to: postgres)
                result.sessions += count
                done = last
                limit = min(batch, limit * 2)
            } catch let error where error.isOfTheRows {
                // Finds the session at fault by bisection.
                limit = max(1, count / 2)
                if count == 1 {
                    result.refused.append(error.description)
                    done = last
                }
            }
        }
        try countAsSpent(postgres)
        return result
    }

    /// What was copied and used today counts for budgets over all nodes, as if one more process had
    /// spent it. The sum is over all copied sessions, which alone name no node, whichever file they
    /// came from: so copying again, or several files, counts nothing twice.
    private static func countAsSpent(_ postgres: Postgres) throws(LedgerError) {
        let day = Interval.day.nanoseconds / 1000
        try postgres.run(
            """
            WITH today AS (SELECT floor(extract(epoch FROM now()) / 86400)::bigint AS day),
            used AS (
                SELECT s.tenant, s.end_user, t.cost_micro_usd AS cost, 0 AS milliseconds
                    FROM today, turn t JOIN sessions s ON s.key = t.session
                    WHERE s.node = '' AND t.started_us >= day * \(day)
                        AND t.started_us < (day + 1) * \(day)
                UNION ALL
                SELECT tenant, end_user, 0, greatest(0, ended_us - started_us) / 1000
                    FROM today, sessions
                    WHERE node = '' AND started_us >= day * \(day)
                        AND started_us < (day + 1) * \(day)),
            sums AS (
                SELECT tenant, '' AS end_user, sum(cost) AS cost, 0 AS milliseconds
                    FROM used GROUP BY tenant
                UNION ALL
                SELECT tenant, end_user, sum(cost), sum(milliseconds)
                    FROM used WHERE end_user != '' GROUP BY tenant, end_user)
            INSERT INTO spending AS p (day, end_user, tenant, process, cost, milliseconds)
                SELECT day, end_user, tenant, 'ledger copy', cost::bigint, milliseconds::bigint
                FROM today, sums WHERE cost > 0 OR milliseconds > 0
                ON CONFLICT (day, end_user, tenant, process) DO UPDATE SET
                    cost = greatest(p.cost, excluded.cost),
                    milliseconds = greatest(p.milliseconds, excluded.milliseconds),
                    changed = txid_current()
            """)
    }
}

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
    /// Ten years of books keep their days.
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
        return result
    }
}

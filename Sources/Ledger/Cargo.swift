import Basics
import CLinux

/// Rows on their way from a SQLite ledger to PostgreSQL. They go as JSON, a document per table,
/// which SQLite assembles and PostgreSQL splits. Sending them again after a lost answer writes the
/// same rows once more: a session is identified by its id, its parts by their numbers.
struct Cargo {
    /// A table that has rows per session.
    private struct Table {
        let name: String
        /// The column that distinguishes a session's rows; nil for the sessions themselves.
        let number: (name: String, type: String)?
        /// Names and types in PostgreSQL.
        let columns: [(name: String, type: String)]

        init(_ name: String, _ number: String?, _ texts: String, _ numbers: String) {
            self.name = name
            self.number = number.map { ($0, $0 == "call" ? "text" : "bigint") }
            columns =
                texts.split(separator: " ").map {
                    (String($0), $0 == "entries" ? "json" : "text")
                } + numbers.split(separator: " ").map { (String($0), "bigint") }
        }
    }

    private static let tables = [
        Table(
            "sessions", nil, "tenant end_user model outcome close_reason version troubles",
            "started_us ended_us close_code is_reported"),
        Table(
            "connection", "number", "reason model closed_by", "opened_us closed_us code resumed"),
        Table(
            "turn", "number", "input outcome user_text model_text price_date remedies tokens",
            "started_us input_ended_us first_audio_us ended_us cost_micro_usd "
                + "remedy_cost_micro_usd stated_total reports"),
        Table("tool_call", "call", "name outcome arguments result", "called_us answered_us"),
        Table("blocks", "number", "entries", "turn"),
    ]

    /// Names of the tables with rows per session, and of the column beside it.
    static let perSession = tables.map { ($0.name, $0.number?.name) }

    private let source: Database
    /// The writer of the log: each process numbers its entries from the beginning.
    private let writer: String
    /// Whose sessions they are.
    private let owner: Owner
    /// A session that began more days ago is kept as if it began today.
    private let eldest: Int64
    private var days = PostgresDays()

    /// A node's name, which another may use as well, and the identity of its spool.
    struct Owner {
        var node = ""
        var spool = ""
    }

    /// - Parameters:
    ///   - source: Gets a temporary table for the chosen rows.
    ///   - eldest: How many days ago a session may have begun.
    init(from source: Database, of owner: Owner, eldest: Int64) throws(LedgerError) {
        self.source = source
        self.owner = owner
        self.eldest = eldest
        var writer = ""
        try source.query("SELECT hex(randomblob(8))") { writer = $0.text(0) }
        self.writer = writer
        try source.execute(
            "CREATE TEMP TABLE taken (kind TEXT, session, number, seq INTEGER, version INTEGER)")
    }

    // MARK: Choosing

    /// Chooses the rows with the oldest marks in a spool.
    /// - Returns: Their number.
    func load(_ limit: Int) throws(LedgerError) -> Int {
        try source.run("DELETE FROM taken")
        try source.run(
            "INSERT INTO taken SELECT kind, session, number, seq, version FROM unshipped "
                + "ORDER BY seq LIMIT ?", Value(limit))
        return source.changes
    }

    /// Chooses all rows of some ended sessions.
    /// - Returns: The key of the last, nil if there are no more.
    func load(sessionsAfter key: Int64, _ limit: Int) throws(LedgerError) -> Int64? {
        try source.run("DELETE FROM taken")
        try source.run(
            "INSERT INTO taken (kind, session, number) SELECT 'sessions', key, 0 FROM sessions "
                + "WHERE key > ? AND ended_us IS NOT NULL ORDER BY key LIMIT ?", .integer(key),
            Value(limit))
        guard source.changes > 0 else { return nil }
        let last = try source.integer("SELECT max(session) FROM taken")
        for case let (table, number?) in Self.perSession {
            try source.run(
                "INSERT INTO taken (kind, session, number) SELECT '\(table)', session, \(number) "
                    + "FROM \(table) WHERE session IN "
                    + "(SELECT session FROM taken WHERE kind = 'sessions')")
        }
        return last
    }

    func takePolicies() throws(LedgerError) {
        try source.run("DELETE FROM taken")
        try source.run(
            "INSERT INTO taken (kind, session, number) "
                + "SELECT 'policies', tenant, loaded_us FROM policies")
    }

    /// The chosen rows of a spool have arrived; rows that have changed meanwhile stay marked.
    func settle() throws(LedgerError) {
        try source.run(
            "DELETE FROM unshipped WHERE (seq, version) IN (SELECT seq, version FROM taken)")
    }

    // MARK: Sending

    /// Writes the chosen rows in one transaction.
    mutating func send(to postgres: Postgres) throws(LedgerError) {
        // By the database's clock, like retention: by a node's wrong clock, its sessions could be
        // older than that, and be dropped.
        let today = try postgres.clock().dayNumber
        try days.prepare(try days(of: today), postgres)
        let keys = try document(
            "json_object('id', id, 'day', \(dayOfSession(today)))",
            "FROM sessions WHERE key IN (SELECT session FROM taken)")
        let kinds = try kinds()
        try postgres.run("BEGIN")
        do {
            if let keys { try postgres.run(Self.keysSQL, [keys]) }
            for table in Self.tables where kinds.contains(table.name) {
                if let rows = try rows(of: table) {
                    try postgres.run(
                        Self.sql(table),
                        table.number == nil
                            ? [rows, .text(owner.node), .text(owner.spool)] : [rows])
                }
            }
            if kinds.contains("policies"), let rows = try policies() {
                try postgres.run(Self.policiesSQL, [rows])
            }
            // Last, because it makes other nodes wait for the end of this transaction.
            if kinds.contains("log"), let rows = try log() {
                try postgres.run(Self.logSQL, [rows, .text(writer)])
            }
            try postgres.run("COMMIT")
        } catch {
            try? postgres.run("ROLLBACK")
            // Another node may have dropped a day.
            if error.state == "23514" { days.forget() }
            throw error
        }
    }

    /// Drops days before this one, as far as a round has time for it.
    /// - Returns: Whether none is left.
    mutating func drop(before day: Int64, _ postgres: Postgres) throws(LedgerError) -> Bool {
        try days.drop(before: day, postgres)
    }

    private func kinds() throws(LedgerError) -> Set<String> {
        var found: Set<String> = []
        try source.query("SELECT DISTINCT kind FROM taken") { found.insert($0.text(0)) }
        return found
    }

    /// A session whose opening was lost counts as begun in 1970 until its end is known, and a clock
    /// may be, or have been, wrong. Rows without a plausible day are kept as if they began today.
    private func dayOfSession(_ today: Int64) -> String {
        "CASE WHEN started_us / 86400000000 BETWEEN \(today - eldest) AND \(today + 1) "
            + "THEN started_us / 86400000000 ELSE \(today) END"
    }

    private func days(of today: Int64) throws(LedgerError) -> [Int64] {
        var found = [today, today + 1]
        try source.query(
            "SELECT DISTINCT \(dayOfSession(today)) FROM sessions "
                + "WHERE key IN (SELECT session FROM taken) ORDER BY 1"
        ) { found.append($0.integer(0)) }
        return found
    }

    private func document(_ row: String, _ source: String) throws(LedgerError) -> Value? {
        var text = ""
        var count: Int64 = 0
        try self.source.query("SELECT json_group_array(\(row)), count(*) \(source)") {
            text = $0.text(0)
            count = $0.integer(1)
        }
        return count > 0 ? .text(Self.withoutZeros(text)) : nil
    }

    /// PostgreSQL's text cannot contain a NUL character; the replacement character takes its place.
    static func withoutZeros(_ json: String) -> String {
        guard json.contains(#"\u0000"#) else { return json }
        var found: [UInt8] = []
        var rest = Array(json.utf8)[...]
        let zero = Array(#"\u0000"#.utf8)
        while let place = rest.firstIndex(of: UInt8(ascii: "\\")) {
            found += rest[..<place]
            rest = rest[place...]
            if rest.starts(with: zero) {
                found += #"\ufffd"#.utf8
                rest = rest.dropFirst(zero.count)
            } else {
                // An escaped backslash does not begin the next escape.
                found += rest.prefix(2)
                rest = rest.dropFirst(2)
            }
        }
        return String(decoding: found + rest, as: UTF8.self)
    }

    private func rows(of table: Table) throws(LedgerError) -> Value? {
        let number = table.number.map { "'\($0.name)', r.\($0.name), " } ?? ""
        let columns = table.columns.map {
            "'\($0.name)', " + ($0.type == "json" ? "json(r.\($0.name))" : "r.\($0.name)")
        }.joined(separator: ", ")
        let session = table.number == nil ? "key" : "session"
        let isSame = table.number.map { "AND r.\($0.name) = k.number " } ?? ""
        return try document(
            "json_object('id', s.id, \(number)\(columns))",
            "FROM taken k JOIN \(table.name) r ON r.\(session) = k.session \(isSame)"
                + "JOIN sessions s ON s.key = k.session WHERE k.kind = '\(table.name)'")
    }

    private func policies() throws(LedgerError) -> Value? {
        try document(
            "json_object('tenant', p.tenant, 'loaded_us', p.loaded_us, 'text', p.text)",
            "FROM taken k JOIN policies p ON p.tenant = k.session AND p.loaded_us = k.number "
                + "WHERE k.kind = 'policies'")
    }

    /// Entries name their session by its id.
    private func log() throws(LedgerError) -> Value? {
        try document(
            "json_object('last', number, 'entries', json(entries))",
            """
            FROM (SELECT number, json_group_array(json_array(id, n, t, what, lane, text, turn))
                AS entries FROM (SELECT l.number, s.id, e.value->>1 AS n, e.value->>2 AS t,
                    e.value->>3 AS what, e.value->>4 AS lane, e.value->>5 AS text,
                    e.value->>6 AS turn FROM taken k JOIN log l ON l.number = k.number,
                    json_each(l.entries) e JOIN sessions s ON s.key = e.value->>0
                    WHERE k.kind = 'log' ORDER BY l.number, e.key)
                GROUP BY number)
            """)
    }

    // MARK: Receiving

    private static let keysSQL = """
        INSERT INTO keys (id, key) SELECT s.id, (s.day << \(PostgresSchema.dayShift))
            | nextval('session_key') FROM json_to_recordset(?::json) AS s (id text, day bigint)
            WHERE NOT EXISTS (SELECT 1 FROM keys k WHERE k.id = s.id) ON CONFLICT DO NOTHING
        """

    private static func sql(_ table: Table) -> String {
        let given = [("id", "text")] + (table.number.map { [$0] } ?? []) + table.columns
        let names = table.columns.map(\.name)
        let isSession = table.number == nil
        let keys =
            isSession ? ["key", "id", "node", "spool"] : ["session", table.number?.name ?? ""]
        let values =
            (isSession ? ["k.key", "s.id", "?2", "?3"] : ["k.key", "s." + keys[1]])
            + names.map { "s.\($0)" }
        return """
            INSERT INTO \(table.name) (\((keys + names).joined(separator: ", ")))
            SELECT \(values.joined(separator: ", ")) FROM json_to_recordset(?1::json)
                AS s (\(given.map { "\($0.0) \($0.1)" }.joined(separator: ", ")))
                JOIN keys k ON k.id = s.id
            ON CONFLICT (\(isSession ? "key" : keys.joined(separator: ", "))) DO UPDATE
                SET \(names.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            """
    }

    private static let policiesSQL = """
        INSERT INTO policies SELECT tenant, loaded_us, text FROM json_to_recordset(?::json)
            AS s (tenant text, loaded_us bigint, text text)
            ON CONFLICT (tenant, loaded_us) DO UPDATE SET text = excluded.text
        """

    /// Entries are numbered as they arrive, over all nodes: the row of `position` stays locked
    /// until the transaction ends, so a reader that has read up to a number has missed none below
    /// it.
    private static let logSQL = """
        WITH new AS MATERIALIZED (
            SELECT s.last, s.entries, json_array_length(s.entries) AS count
                FROM json_to_recordset(?1::json) AS s (last bigint, entries json)
                WHERE NOT EXISTS (SELECT 1 FROM log WHERE writer = ?2 AND log.last = s.last)),
        moved AS (UPDATE position SET number = number + (SELECT coalesce(sum(count), 0) FROM new)
            RETURNING number)
        INSERT INTO log (number, count, writer, last, entries)
            SELECT moved.number - (SELECT sum(count) FROM new)
                + sum(new.count) OVER (ORDER BY new.last), new.count, ?2, new.last, new.entries
            FROM new, moved
        """
}

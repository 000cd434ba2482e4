import Basics

/// The ledger of a node whose ledger is in PostgreSQL: the same file as usual, written first and by
/// the same code, in which every new or changed row is marked until it is known to have arrived. So
/// a `kill -9` or an outage costs what it costs without PostgreSQL, and rows that are sent again
/// replace themselves.
enum Spool {
    /// A mark keeps its place when its row changes again, so that a session precedes its turns; the
    /// mark's version shows whether the row has changed since it was read.
    static let tables = """
        CREATE TABLE IF NOT EXISTS unshipped (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, session NOT NULL,
            number NOT NULL, version INTEGER NOT NULL DEFAULT 0, UNIQUE (kind, session, number)
        );
        CREATE INDEX IF NOT EXISTS unshipped_of_session ON unshipped (session);
        CREATE TABLE IF NOT EXISTS spool (identity TEXT NOT NULL);
        INSERT INTO spool SELECT hex(randomblob(8)) WHERE NOT EXISTS (SELECT 1 FROM spool);
        """

    /// A table, and the columns that identify its rows.
    private static let marked = [
        ("sessions", "key", "0"), ("connection", "session", "number"),
        ("turn", "session", "number"), ("tool_call", "session", "call"),
        ("blocks", "session", "number"), ("policies", "tenant", "loaded_us"),
        ("log", "", "number"),
    ]

    static var triggers: String {
        marked.flatMap { table, session, number in
            ["INSERT", "UPDATE"].map { event in
                """
                CREATE TRIGGER IF NOT EXISTS \(table)_ships_\(event.lowercased())
                AFTER \(event) ON \(table) BEGIN
                    INSERT INTO unshipped (kind, session, number) VALUES ('\(table)',
                        \(session.isEmpty ? "0" : "new." + session),
                        \(number == "0" ? "0" : "new." + number))
                    ON CONFLICT (kind, session, number) DO UPDATE SET version = version + 1;
                END;
                """
            }
        }.joined(separator: "\n")
    }

    /// Rows of the log whose entries are all in blocks, if they have been sent.
    static let trimming =
        "DELETE FROM log WHERE number <= ?1 AND number < "
        + "coalesce((SELECT min(number) FROM unshipped WHERE kind = 'log'), ?1 + 1)"

    /// Deletes what is no longer needed here: an ended session that is known to be in PostgreSQL,
    /// and has no waiting note. Until then, late records of its last turn find it here.
    static func forget(
        _ spool: Database, before moment: WallTime, limit: Int
    ) throws(LedgerError) -> Int {
        let shipped = """
            SELECT key FROM sessions s WHERE ended_us < ?
            AND NOT EXISTS (SELECT 1 FROM unshipped WHERE session = s.key)
            AND NOT EXISTS (SELECT 1 FROM notes WHERE session = s.id) ORDER BY ended_us LIMIT ?
            """
        return try spool.deleteSessions(shipped, moment, limit)
    }
}

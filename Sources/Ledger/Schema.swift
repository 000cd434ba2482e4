import Basics
import CLinux
import CSQLite

/// The layout of the ledger, one step per version of the file. A released step is never changed;
/// new ones are added.
enum Schema {
    /// Times are microseconds since 1970 (`..._us`), money millionths of a dollar.
    static let steps = [
        // 1: sessions, turns and connections.
        """
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY, tenant TEXT NOT NULL, model TEXT NOT NULL DEFAULT '',
            started_us INTEGER NOT NULL, ended_us INTEGER, outcome TEXT,
            close_code INTEGER, close_reason TEXT, version TEXT NOT NULL DEFAULT ''
        );
        CREATE INDEX sessions_started ON sessions (started_us);
        CREATE INDEX sessions_open ON sessions (id) WHERE ended_us IS NULL;
        CREATE TABLE connections (
            session TEXT NOT NULL, number INTEGER NOT NULL, opened_us INTEGER NOT NULL,
            closed_us INTEGER, code INTEGER, reason TEXT, resumed INTEGER NOT NULL DEFAULT 0,
            model TEXT NOT NULL DEFAULT '', PRIMARY KEY (session, number)
        ) WITHOUT ROWID;
        CREATE TABLE turns (
            session TEXT NOT NULL, number INTEGER NOT NULL, input TEXT NOT NULL,
            started_us INTEGER NOT NULL, input_ended_us INTEGER, first_audio_us INTEGER,
            ended_us INTEGER, outcome TEXT, user_text TEXT, model_text TEXT,
            cost_micro_usd INTEGER NOT NULL DEFAULT 0, price_date TEXT NOT NULL DEFAULT '',
            stated_total INTEGER, reports INTEGER NOT NULL DEFAULT 0,
            remedies TEXT NOT NULL DEFAULT '', PRIMARY KEY (session, number)
        ) WITHOUT ROWID;
        CREATE TABLE tokens (
            session TEXT NOT NULL, turn INTEGER NOT NULL, direction TEXT NOT NULL,
            modality TEXT NOT NULL, source TEXT NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (session, turn, direction, modality, source)
        ) WITHOUT ROWID;
        CREATE TABLE events (
            number INTEGER PRIMARY KEY, session TEXT NOT NULL, t_us INTEGER NOT NULL,
            what TEXT NOT NULL, lane TEXT NOT NULL, text TEXT NOT NULL
        );
        CREATE INDEX events_session ON events (session, number);
        CREATE TABLE tool_calls (
            session TEXT NOT NULL, call TEXT NOT NULL, name TEXT NOT NULL,
            called_us INTEGER NOT NULL, answered_us INTEGER, outcome TEXT NOT NULL,
            arguments TEXT, PRIMARY KEY (session, call)
        ) WITHOUT ROWID;
        """,
        // 2: for support tickets: raw usage reports, the policy in force, the cost of remedies.
        """
        CREATE TABLE receipts (
            number INTEGER PRIMARY KEY, session TEXT NOT NULL, turn INTEGER NOT NULL,
            at_us INTEGER NOT NULL, json TEXT NOT NULL
        );
        CREATE INDEX receipts_session ON receipts (session, number);
        CREATE TABLE policies (
            tenant TEXT NOT NULL, loaded_us INTEGER NOT NULL, text TEXT NOT NULL,
            PRIMARY KEY (tenant, loaded_us)
        ) WITHOUT ROWID;
        ALTER TABLE turns ADD COLUMN remedy_cost_micro_usd INTEGER NOT NULL DEFAULT 0;
        """,
        // 3: finds troubled sessions, and usage by time, without reading everything.
        """
        CREATE INDEX events_trouble ON events (session, what) WHERE \(RemedyCount.condition);
        CREATE INDEX turns_started ON turns (started_us);
        """,
        // 4: what returning clients find, by the digest of their handle.
        """
        CREATE TABLE returns (
            digest TEXT PRIMARY KEY, tenant TEXT NOT NULL, session TEXT NOT NULL,
            model TEXT NOT NULL, tools INTEGER NOT NULL, handle TEXT NOT NULL,
            transcript TEXT NOT NULL, ended_us INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX returns_ended ON returns (ended_us);
        """,
        // 5: a turn is one row, its timeline a block, and newer entries are in the log.
        compactTables + compactContents,
        // 6: results of tools, and notes for receivers.
        """
        ALTER TABLE sessions ADD COLUMN is_reported INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tool_call ADD COLUMN result TEXT;
        DROP VIEW tool_calls;
        CREATE VIEW tool_calls AS SELECT s.id AS session, call, name, called_us, answered_us,
            c.outcome, arguments, result FROM tool_call c JOIN sessions s ON s.key = c.session;
        CREATE TABLE notes (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL, event TEXT NOT NULL, at_us INTEGER NOT NULL,
            session TEXT NOT NULL DEFAULT '', body TEXT NOT NULL DEFAULT '',
            attempts INTEGER NOT NULL DEFAULT 0, next_us INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX notes_of_tenant ON notes (tenant, number);
        """,
        // 7: what returning clients have used of their budget.
        """
        ALTER TABLE returns ADD COLUMN cost_micro_usd INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE returns ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0;
        """,
    ]

    static let perSession = [
        ("connection", "session"), ("turn", "session"), ("blocks", "session"),
        ("tool_call", "session"), ("sessions", "key"),
    ]

    /// Upgrades a file of any earlier version; refuses a file of a later one.
    static func migrate(
        _ database: Database, to last: Int = steps.count, _ steps: [String] = steps,
        of what: String = "the ledger"
    ) throws(LedgerError) {
        let version = try check(database, steps.count, of: what)
        for step in version..<max(version, last) {
            try database.execute(
                "BEGIN IMMEDIATE; \(steps[step]) PRAGMA user_version = \(step + 1); COMMIT;")
        }
    }

    /// Names the file that could not be read.
    fileprivate static func version(
        of database: Database, _ what: String
    ) throws(LedgerError) -> Int {
        do throws(LedgerError) {
            return Int(try database.integer("PRAGMA user_version"))
        } catch {
            throw LedgerError("reading \(what)", code: error.code, error.message)
        }
    }

    /// - Returns: The file's version; 0 if it is new.
    @discardableResult
    static func check(
        _ database: Database, _ newest: Int, of what: String
    ) throws(LedgerError) -> Int {
        let version = try version(of: database, what)
        guard version <= newest else {
            throw LedgerError(
                "reading \(what)",
                "its version \(version) is newer than this program's, \(newest)")
        }
        return version
    }
}

extension Database {
    /// Opens an existing ledger of this program's version, for reading only.
    static func reading(_ path: String) throws(LedgerError) -> Database {
        try readOnly(path) { (database) throws(LedgerError) in
            let version = try Schema.version(of: database, path)
            guard version == Schema.steps.count else {
                throw LedgerError(
                    "reading \(path)",
                    version == 0
                        ? "it is not a ledger"
                        : "it is a ledger of version \(version), and this program reads "
                            + "\(Schema.steps.count); `turnkeeper serve` brings older ones up to date"
                )
            }
        }
    }

    /// - Parameter check: Checks that the file is what the caller expects.
    static func readOnly(
        _ path: String, _ check: (Database) throws(LedgerError) -> Void
    ) throws(LedgerError) -> Database {
        try refuseOthers(path)
        // SAFETY: the path is read during the call.
        guard unsafe access(path, R_OK) == 0 else {
            if tk_errno() == EACCES {
                throw LedgerError(
                    "reading \(path)", code: SQLITE_PERM,
                    "this user may not read it; run this as the user who runs serve: sudo -u USER ..."
                )
            }
            throw LedgerError("reading \(path)", "there is no such file")
        }
        do {
            return try readOnly(path, "?mode=ro", check)
        } catch let error where error.code == SQLITE_CANTOPEN || error.code == SQLITE_READONLY {
            // A read-only directory has no place for the files that readers share; but then no
            // process writes there either.
            return try readOnly(path, "?immutable=1", check)
        }
    }

    private static func readOnly(
        _ path: String, _ mode: String, _ check: (Database) throws(LedgerError) -> Void
    ) throws(LedgerError) -> Database {
        let database = try Database("file:\(escape(path))\(mode)", flags: SQLITE_OPEN_READONLY)
        database.wait(milliseconds: 2000)
        try check(database)
        return database
    }

    /// Percent-encodes characters with a meaning in a URI.
    private static func escape(_ path: String) -> String {
        path.reduce(into: "") { result, character in
            switch character {
            case "%": result += "%25"
            case "?": result += "%3f"
            case "#": result += "%23"
            default: result.append(character)
            }
        }
    }
}

extension Database {
    /// Deletes sessions with all their rows, in one transaction.
    /// - Parameter keys: Selects their keys, of those that ended before `?`, at most `?`.
    /// - Returns: How many.
    func deleteSessions(
        _ keys: String, _ moment: WallTime, _ limit: Int
    ) throws(LedgerError) -> Int {
        let values = [Value.integer(moment.microseconds), Value(limit)]
        do {
            try execute("BEGIN IMMEDIATE")
            var removed = 0
            for (table, key) in Schema.perSession {
                try statement("DELETE FROM \(table) WHERE \(key) IN (\(keys))").run(values)
                removed = changes
            }
            try execute("COMMIT")
            try execute("PRAGMA incremental_vacuum(1000)")
            return removed
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }
}

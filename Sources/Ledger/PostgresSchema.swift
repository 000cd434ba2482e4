import Basics
import CLinux

/// The layout of the ledger in PostgreSQL, one step per version, in its own schema. A released step
/// is never changed; new ones are added. `Tests/Clients/ledger/versions.sql` has all of them too.
///
/// A session's key begins with its day, and all rows of the session have its key: so each day is a
/// partition of every table, a session's rows are in one partition, and a day is forgotten by
/// dropping its partitions. The day is that on which the session began, unless it was sent more
/// than a day later. The rest of the key is from a sequence; `keys` finds it by the session's id,
/// which is the same however often, and by whichever node, a row is written.
enum PostgresSchema {
    /// The number of a key's bits that are from the sequence; 10¹² sessions.
    static let dayShift = 40
    static let partitioned = ["sessions", "connection", "turn", "tool_call", "blocks"]

    /// The oldest version of the program's schema that can still work with this one. A step that
    /// only adds does not change it, so that nodes can be replaced one after another.
    static let oldest = 1

    static let steps = [
        """
        CREATE TABLE keys (id text COLLATE "C" PRIMARY KEY, key bigint NOT NULL UNIQUE);
        CREATE SEQUENCE session_key;
        CREATE TABLE sessions (
            key bigint PRIMARY KEY, id text COLLATE "C" NOT NULL, node text NOT NULL,
            tenant text COLLATE "C" NOT NULL, end_user text COLLATE "C" NOT NULL,
            model text COLLATE "C" NOT NULL, started_us bigint NOT NULL, ended_us bigint,
            outcome text, close_code bigint, close_reason text, version text NOT NULL,
            troubles text NOT NULL, is_reported bigint NOT NULL
        ) PARTITION BY RANGE (key);
        CREATE INDEX sessions_by_id ON sessions (id);
        CREATE INDEX sessions_by_start ON sessions (started_us);
        CREATE INDEX sessions_live ON sessions (key) WHERE ended_us IS NULL;
        CREATE INDEX sessions_in_trouble ON sessions (started_us) WHERE troubles != '';
        CREATE TABLE connection (
            session bigint NOT NULL, number bigint NOT NULL, opened_us bigint NOT NULL,
            closed_us bigint, code bigint, reason text, resumed bigint NOT NULL,
            model text NOT NULL, closed_by text NOT NULL, PRIMARY KEY (session, number)
        ) PARTITION BY RANGE (session);
        CREATE TABLE turn (
            session bigint NOT NULL, number bigint NOT NULL, input text NOT NULL,
            started_us bigint NOT NULL, input_ended_us bigint, first_audio_us bigint,
            ended_us bigint, outcome text, user_text text, model_text text,
            cost_micro_usd bigint NOT NULL, remedy_cost_micro_usd bigint NOT NULL,
            price_date text NOT NULL, stated_total bigint, reports bigint NOT NULL,
            remedies text NOT NULL, tokens text NOT NULL, PRIMARY KEY (session, number)
        ) PARTITION BY RANGE (session);
        CREATE INDEX turn_by_start ON turn (started_us);
        CREATE TABLE tool_call (
            session bigint NOT NULL, call text COLLATE "C" NOT NULL, name text NOT NULL,
            called_us bigint NOT NULL, answered_us bigint, outcome text NOT NULL, arguments text,
            result text, PRIMARY KEY (session, call)
        ) PARTITION BY RANGE (session);
        CREATE TABLE blocks (
            session bigint NOT NULL, number bigint NOT NULL, turn bigint, entries json NOT NULL,
            PRIMARY KEY (session, number)
        ) PARTITION BY RANGE (session);
        CREATE TABLE policies (
            tenant text COLLATE "C" NOT NULL, loaded_us bigint NOT NULL, text text NOT NULL,
            PRIMARY KEY (tenant, loaded_us)
        );
        CREATE TABLE log (
            number bigint PRIMARY KEY, count bigint NOT NULL, writer text NOT NULL,
            last bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), entries json NOT NULL,
            UNIQUE (writer, last)
        );
        CREATE INDEX log_by_arrival ON log (at);
        CREATE TABLE position (number bigint NOT NULL);
        INSERT INTO position VALUES (-1);
        CREATE TABLE nodes (
            name text PRIMARY KEY, identity text NOT NULL, version text NOT NULL,
            seen timestamptz NOT NULL
        );
        CREATE VIEW connections AS SELECT s.id AS session, c.number, opened_us, closed_us, code,
            reason, resumed, c.model, closed_by FROM connection c
            JOIN sessions s ON s.key = c.session;
        CREATE VIEW turns AS SELECT s.id AS session, t.number, input, t.started_us,
            input_ended_us, first_audio_us, t.ended_us, t.outcome, user_text, model_text,
            cost_micro_usd, remedy_cost_micro_usd, price_date, stated_total, reports, remedies,
            tokens FROM turn t JOIN sessions s ON s.key = t.session;
        CREATE VIEW tool_calls AS SELECT s.id AS session, call, name, called_us, answered_us,
            c.outcome, arguments, result FROM tool_call c JOIN sessions s ON s.key = c.session;
        """,
        """
        CREATE TABLE processes (
            id text COLLATE "C" PRIMARY KEY, node text NOT NULL, version text NOT NULL,
            policies text NOT NULL, admin text NOT NULL, sessions bigint NOT NULL,
            is_draining bigint NOT NULL, started timestamptz NOT NULL DEFAULT now(),
            seen timestamptz NOT NULL DEFAULT now()
        );
        """,
        """
        CREATE TABLE secrets (name text PRIMARY KEY, value text NOT NULL);
        CREATE TABLE client_tokens (
            digest text COLLATE "C" PRIMARY KEY, tenant text COLLATE "C" NOT NULL,
            expires_us bigint NOT NULL, begins_until_us bigint NOT NULL, uses bigint NOT NULL,
            used bigint NOT NULL DEFAULT 0, resumed bigint NOT NULL DEFAULT 0,
            setup text NOT NULL, mask text NOT NULL, end_user text NOT NULL, size bigint NOT NULL
        );
        CREATE INDEX client_tokens_by_tenant ON client_tokens (tenant);
        CREATE INDEX client_tokens_by_expiry ON client_tokens (expires_us);
        CREATE TABLE token_uses (
            token text COLLATE "C" NOT NULL REFERENCES client_tokens ON DELETE CASCADE,
            session text COLLATE "C" NOT NULL, is_given_back bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (token, session)
        );
        """,
        KeptConversation.tables,
        """
        CREATE TABLE places (
            tenant text COLLATE "C" NOT NULL, process text COLLATE "C" NOT NULL,
            used bigint NOT NULL, held bigint NOT NULL, wanted bigint NOT NULL,
            changed bigint NOT NULL DEFAULT txid_current(), PRIMARY KEY (tenant, process)
        );
        CREATE INDEX places_by_change ON places (changed);
        CREATE TABLE spending (
            day bigint NOT NULL, end_user text COLLATE "C" NOT NULL,
            tenant text COLLATE "C" NOT NULL, process text COLLATE "C" NOT NULL,
            cost bigint NOT NULL, milliseconds bigint NOT NULL,
            changed bigint NOT NULL DEFAULT txid_current(),
            PRIMARY KEY (day, end_user, tenant, process)
        );
        CREATE INDEX spending_by_change ON spending (changed) WHERE end_user = '';
        """,
        """
        CREATE TABLE lessons (
            upstream text COLLATE "C" NOT NULL, model text COLLATE "C" NOT NULL,
            kind text NOT NULL, value bigint NOT NULL, process text COLLATE "C" NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            changed bigint NOT NULL DEFAULT txid_current(), PRIMARY KEY (upstream, model, kind)
        );
        CREATE INDEX lessons_by_change ON lessons (changed);
        """,
        """
        CREATE TABLE orders (
            process text COLLATE "C" NOT NULL, verb text NOT NULL, session text COLLATE "C" NOT NULL,
            at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (process, session, verb)
        );
        """,
        KeptConversation.driven,
        KeptConversation.asked,
        KeptConversation.places,
        """
        ALTER TABLE sessions ADD COLUMN spool text COLLATE "C" NOT NULL DEFAULT '';
        CREATE TABLE spools (
            identity text COLLATE "C" PRIMARY KEY, node text NOT NULL,
            seen timestamptz NOT NULL
        );
        """,
    ]

    /// Numbers of advisory locks, whose upper half is "tk", which no other program uses.
    enum Lock: Int64 {
        case migration = 0x746b_0001
        case days = 0x746b_0002
        case places = 0x746b_0003
    }

    /// Upgrades an older schema, or creates one; several nodes may try at once. Refuses a schema
    /// that is marked as too new for this program.
    static func migrate(_ postgres: Postgres) throws(LedgerError) {
        if try version(postgres) == steps.count { return }
        // Before the transaction begins: so it sees what others have created until then.
        try postgres.run("SELECT pg_advisory_lock(\(Lock.migration.rawValue))")
        defer { try? postgres.run("SELECT pg_advisory_unlock(\(Lock.migration.rawValue))") }
        try postgres.run("BEGIN")
        do {
            try update(postgres, from: try version(postgres) ?? 0)
            try postgres.run("COMMIT")
        } catch {
            try? postgres.run("ROLLBACK")
            throw error
        }
    }

    private static func update(_ postgres: Postgres, from version: Int) throws(LedgerError) {
        guard version < steps.count else { return }
        if version == 0 {
            // A user that may not create a schema can be given one.
            if try postgres.integer("SELECT (to_regnamespace('turnkeeper') IS NULL)::int") == 1 {
                try postgres.run("CREATE SCHEMA turnkeeper")
            }
            try postgres.run(
                "CREATE TABLE version (number int NOT NULL, oldest int NOT NULL); "
                    + "INSERT INTO version VALUES (0, 0)")
        }
        for step in steps.dropFirst(version) { try postgres.run(step) }
        try postgres.run("UPDATE version SET number = \(steps.count), oldest = \(oldest)")
    }

    /// For readers, which change nothing.
    static func check(_ postgres: Postgres) throws(LedgerError) {
        let version = try version(postgres) ?? 0
        guard version >= steps.count else {
            throw LedgerError(
                "reading \(postgres.address)",
                version == 0
                    ? "there is no ledger; `turnkeeper serve --ledger` makes one"
                    : "its ledger has version \(version), and this program reads "
                        + "\(steps.count); `turnkeeper serve` brings older ones up to date")
        }
    }

    /// For a start: if the tables already exist, nothing has been written yet.
    static func checkWritable(_ postgres: Postgres) throws(LedgerError) {
        let isReadOnly = "SELECT current_setting('transaction_read_only')::boolean::int"
        guard try postgres.integer(isReadOnly) == 0 else {
            throw LedgerError(
                "opening \(postgres.address)",
                "it is read-only: name the primary if this is a standby (target_session_attrs=read-write "
                    + "finds it among several hosts), or turn default_transaction_read_only off for "
                    + "the database and the role")
        }
        var refused: [String] = []
        try postgres.query(
            """
            SELECT relname FROM pg_class WHERE relnamespace = 'turnkeeper'::regnamespace
                AND relkind IN ('r', 'p') AND NOT relispartition
                AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
                    AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))
                ORDER BY 1
            """, []
        ) { refused.append($0.text(0)) }
        guard refused.isEmpty else {
            throw LedgerError(
                "opening \(postgres.address)",
                "this role may not read and write \(refused.joined(separator: ", ")): "
                    + "make it the owner of the schema turnkeeper")
        }
    }

    /// nil if there is none.
    static func version(_ postgres: Postgres) throws(LedgerError) -> Int? {
        guard
            try postgres.integer("SELECT (to_regclass('turnkeeper.version') IS NOT NULL)::int") == 1
        else { return nil }
        var found: (version: Int, oldest: Int)?
        try postgres.query("SELECT number, oldest FROM version") {
            found = (Int($0.integer(0)), Int($0.integer(1)))
        }
        if let found, found.oldest > steps.count {
            throw LedgerError(
                "opening \(postgres.address)",
                "its ledger's version \(found.version) is newer than this program's, "
                    + "\(steps.count): install the release that the other nodes run")
        }
        return found?.version
    }
}

/// The days whose partitions are known to exist.
struct PostgresDays {
    private var known: Set<Int64> = []

    /// Creates missing partitions for these days, counted from 1970.
    mutating func prepare(_ days: [Int64], _ postgres: Postgres) throws(LedgerError) {
        for day in days where !known.contains(day) {
            let bounds = (day << PostgresSchema.dayShift, (day + 1) << PostgresSchema.dayShift)
            // One node creates them, and holds no lock on one table while it waits for another's.
            try postgres.run("SELECT pg_advisory_lock(\(PostgresSchema.Lock.days.rawValue))")
            do {
                for table in PostgresSchema.partitioned {
                    try postgres.run(
                        "CREATE TABLE IF NOT EXISTS \(table)_\(Self.name(day)) PARTITION OF "
                            + "\(table) FOR VALUES FROM (\(bounds.0)) TO (\(bounds.1))")
                }
            } catch {
                try? postgres.run(
                    "SELECT pg_advisory_unlock(\(PostgresSchema.Lock.days.rawValue))")
                throw error
            }
            try postgres.run("SELECT pg_advisory_unlock(\(PostgresSchema.Lock.days.rawValue))")
            known.insert(day)
        }
    }

    /// A partition has been dropped.
    mutating func forget() { known = [] }

    /// In nanoseconds. The first to drop anything may have the keys of years before it, while rows
    /// wait to be sent.
    private static let share = Int64(1_000_000_000)

    /// Drops the partitions of days before this one, or what there is time for of their keys.
    /// - Returns: Whether none is left.
    mutating func drop(
        before day: Int64, within share: Int64 = Self.share, _ postgres: Postgres
    ) throws(LedgerError) -> Bool {
        known = known.filter { $0 >= day }
        // Keys go first: a session of that day that is sent later gets a new one, and not one whose
        // partition is gone.
        var found: [String] = []
        try postgres.query(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                + "WHERE c.relnamespace = 'turnkeeper'::regnamespace AND c.relkind = 'r' "
                + "AND right(c.relname, 8) < ? ORDER BY 1", [.text(Self.name(day))]
        ) { found.append($0.text(0)) }
        guard !found.isEmpty else { return true }
        let end = tk_now() + share
        while try postgres.forget("keys", where: "key < \(day << PostgresSchema.dayShift)") {
            if tk_now() >= end { return false }
        }
        for table in found { try postgres.run("DROP TABLE IF EXISTS \(table)") }
        return true
    }

    /// `20261121`
    private static func name(_ day: Int64) -> String {
        WallTime(dayNumber: day).day.filter { $0 != "-" }
    }
}

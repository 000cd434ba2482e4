import Basics
import Sharing
import Wire

/// What one node keeps of a conversation so that any other can go on with it, as a row in PostgreSQL.
/// It is found by its handle's digest, and contains what was said only as its writer sealed it.
///
/// Its *generation* counts the claims to it. Whoever wants it claims it, which raises the number and
/// tells the node that drives it; that one writes the last of what it heard, and lets go. Then the
/// claimant takes it, unless there is a newer claim, and drives it in this generation. What is written
/// with a lower one than it is driven in is refused: a node that was cut off, or slow, writes over
/// nothing, and learns that it was superseded.
struct KeptConversation: Equatable, Sendable {
    /// SHA-256 of the client's handle, in hexadecimal.
    var digest: String
    /// Of its writer.
    var generation: Int64
    var session: String
    var tenant: String
    /// Its session has ended: nobody drives it.
    var isOver: Bool
    /// Of the key that it is sealed with; empty for none.
    var key: String
    var text: String

    init(
        digest: String, generation: Int64, session: String, tenant: String, isOver: Bool,
        key: String, text: String
    ) {
        self.digest = digest
        self.generation = generation
        self.session = session
        self.tenant = tenant
        self.isOver = isOver
        self.key = key
        self.text = text
    }

    /// What came of a claim.
    enum Claimed: Equatable, Sendable {
        /// The claimant may take it in this generation: at once, or if another process drives it, when
        /// that has had time to let go.
        case claimed(generation: Int64, isDriven: Bool)
        case foreign
        /// It is sealed with a key that the claimant does not have, and stays where it is.
        case sealed(key: String)
        case unknown
    }

    /// The step of the schema.
    static let tables = """
        CREATE TABLE conversations (
            digest text COLLATE "C" PRIMARY KEY, generation bigint NOT NULL, process text NOT NULL,
            node text NOT NULL, session text NOT NULL, tenant text COLLATE "C" NOT NULL,
            is_over boolean NOT NULL, key text NOT NULL, value text NOT NULL,
            written timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX conversations_by_age ON conversations (written);
        CREATE TABLE superseded (
            process text COLLATE "C" NOT NULL, digest text COLLATE "C" NOT NULL,
            generation bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (process, digest)
        );
        CREATE TABLE state_keys (
            id text COLLATE "C" PRIMARY KEY, canary text NOT NULL, used timestamptz NOT NULL
        );
        """

    /// What was taken as a claimant finds it.
    struct Taken: Equatable, Sendable {
        var key: String
        var text: String
        /// Since it was written.
        var age: Interval
        /// The node that has not let go of it.
        var holder: String?
    }

    /// A later step: the generation of whoever drives it, apart from that of the newest claim. Nodes
    /// without it take at once what they claim, and the others' last words are refused.
    static let driven = "ALTER TABLE conversations ADD COLUMN driven bigint NOT NULL DEFAULT 1;"

    /// As gemini's handles (`KeptReturn.lifetime`).
    fileprivate static let lifetime = "interval '2 hours'"
}

/// A process among those with one PostgreSQL. Its name is for people; what it drives is found by its
/// identity, which no other process ever has.
struct Driver: Equatable, Sendable {
    var node: String
    var process: String

    init(node: String, process: String) {
        self.node = node
        self.process = process
    }
}

extension Postgres {
    /// Writes them all, in one statement.
    /// - Parameter rows: Not two with one digest.
    /// - Returns: Those that another node goes on with: written, if it has not taken them yet.
    func keep(
        _ rows: [KeptConversation], by driver: Driver
    ) throws(LedgerError) -> Drafts.Outcome {
        var outcome = Drafts.Outcome()
        guard !rows.isEmpty else { return outcome }
        var document = JSONOutput()
        document.objects(nil, rows.sorted { $0.digest < $1.digest }) { json, row in
            json.string("digest", row.digest)
            json.integer("generation", row.generation)
            json.string("session", row.session)
            json.string("tenant", row.tenant)
            json.flag("is_over", row.isOver)
            json.string("key", row.key)
            json.string("value", row.text)
        }
        try query(
            """
            WITH new AS MATERIALIZED (SELECT * FROM json_to_recordset(?1::json) AS s (digest text,
                    generation bigint, session text, tenant text, is_over boolean, key text,
                    value text)),
            done AS (INSERT INTO conversations AS c (digest, generation, driven, process, node,
                    session, tenant, is_over, key, value)
                SELECT digest, generation, generation, ?2, ?3, session, tenant, is_over, key, value
                    FROM new ORDER BY digest
                ON CONFLICT (digest) DO UPDATE SET process = excluded.process,
                    generation = greatest(c.generation, excluded.generation),
                    driven = excluded.driven, node = excluded.node, session = excluded.session,
                    is_over = excluded.is_over, key = excluded.key, value = excluded.value,
                    written = now()
                    WHERE c.tenant = excluded.tenant AND c.driven <= excluded.driven
                        AND (c.generation <= excluded.generation OR c.process = excluded.process)
                RETURNING digest, generation)
            SELECT digest, (done.digest IS NULL)::int FROM new LEFT JOIN done USING (digest)
                WHERE done.digest IS NULL OR done.generation > new.generation
            """, [.bytes(document.bytes), .text(driver.process), .text(driver.node)]
        ) { row in
            outcome.superseded.insert(row.text(0))
            if row.integer(1) != 0 { outcome.refused.insert(row.text(0)) }
        }
        return outcome
    }

    /// Lays claim to a conversation, and tells whoever drives it.
    /// - Parameter keys: Those that can open it: what nobody here could read stays where it is.
    func claim(
        _ digest: String, tenant: String, keys: [String], by driver: Driver
    ) throws(LedgerError) -> KeptConversation.Claimed {
        var names = JSONOutput()
        names.strings(nil, keys)
        var claimed = KeptConversation.Claimed.unknown
        try query(
            """
            WITH old AS MATERIALIZED (SELECT digest, generation, process FROM conversations
                WHERE digest = ?1 AND tenant = ?2 AND written > now() - \(Self.lifetime)
                    AND key IN (SELECT json_array_elements_text(?3::json)) FOR UPDATE),
            told AS (INSERT INTO superseded (process, digest, generation)
                SELECT process, digest, generation + 1 FROM old
                ON CONFLICT (process, digest) DO UPDATE SET generation = excluded.generation,
                    at = now())
            UPDATE conversations c SET generation = c.generation + 1 FROM old
                WHERE c.digest = old.digest
                RETURNING c.generation, (NOT c.is_over AND c.process != ?4)::int
            """, [.text(digest), .text(tenant), .bytes(names.bytes), .text(driver.process)]
        ) { row in
            claimed = .claimed(generation: row.integer(0), isDriven: row.integer(1) != 0)
        }
        guard claimed == .unknown else { return claimed }
        try query(
            """
            SELECT tenant, key FROM conversations
                WHERE digest = ? AND written > now() - \(Self.lifetime)
            """, [.text(digest)]
        ) { row in
            claimed = row.text(0) == tenant ? .sealed(key: row.text(1)) : .foreign
        }
        return claimed
    }

    /// Drives the conversation from now on.
    /// - Parameter generation: Of the claim.
    /// - Returns: Nil if another has claimed it since.
    func take(
        _ digest: String, _ generation: Int64, session: String, by driver: Driver
    ) throws(LedgerError) -> KeptConversation.Taken? {
        var taken: KeptConversation.Taken?
        try query(
            """
            WITH old AS MATERIALIZED (SELECT digest, node, is_over OR process = ?3 AS is_free
                FROM conversations WHERE digest = ?1 AND generation = ?2 FOR UPDATE)
            UPDATE conversations c SET driven = generation, process = ?3, node = ?4, session = ?5,
                    is_over = false
                FROM old WHERE c.digest = old.digest
                RETURNING key, value, (extract(epoch FROM now() - written) * 1000)::bigint,
                    CASE WHEN is_free THEN '' ELSE old.node END
            """,
            [
                .text(digest), .integer(generation), .text(driver.process), .text(driver.node),
                .text(session),
            ]
        ) { row in
            taken = KeptConversation.Taken(
                key: row.text(0), text: row.text(1), age: .milliseconds(row.integer(2)),
                holder: row.text(3).isEmpty ? nil : row.text(3))
        }
        return taken
    }

    /// What others have claimed from this process, until it is acknowledged: an answer may be lost.
    func superseded(of driver: Driver) throws(LedgerError) -> [Superseded] {
        var found: [Superseded] = []
        try query(
            "SELECT digest, generation FROM superseded WHERE process = ?",
            [.text(driver.process)]
        ) { found.append(Superseded(digest: $0.text(0), generation: $0.integer(1))) }
        return found
    }

    /// What was taken again meanwhile stays.
    func acknowledge(_ superseded: [Superseded], of driver: Driver) throws(LedgerError) {
        var pairs = JSONOutput()
        pairs.array { json in
            for each in superseded {
                json.array { json in
                    json.string(nil, each.digest)
                    json.integer(nil, each.generation)
                }
            }
        }
        try run(
            """
            DELETE FROM superseded USING json_array_elements(?1::json) AS heard
                WHERE process = ?2 AND digest = heard->>0 AND generation <= (heard->>1)::bigint
            """, [.bytes(pairs.bytes), .text(driver.process)])
    }

    /// Deletes what is older than gemini remembers, and the keys that neither a conversation nor a
    /// process uses; processes say every minute that they do.
    func forgetConversations() throws(LedgerError) {
        try run("DELETE FROM conversations WHERE written < now() - \(Self.lifetime)")
        try run("DELETE FROM superseded WHERE at < now() - \(Self.lifetime)")
        try run(
            """
            DELETE FROM state_keys WHERE used < now() - interval '3 minutes'
                AND NOT EXISTS (SELECT 1 FROM conversations WHERE key = id)
            """)
    }

    // MARK: Keys

    /// What was sealed by each key that rows may be sealed with, so that a node knows at its start
    /// whether it can open them.
    func canaries() throws(LedgerError) -> [(key: String, text: String)] {
        var found: [(key: String, text: String)] = []
        try query("SELECT id, canary FROM state_keys ORDER BY id", []) {
            found.append(($0.text(0), $0.text(1)))
        }
        return found
    }

    /// This process seals with it.
    func use(key: String, canary: String) throws(LedgerError) {
        try run(
            "INSERT INTO state_keys VALUES (?1, ?2, now()) ON CONFLICT (id) DO UPDATE SET used = now()",
            [.text(key), .text(canary)])
    }

    private static var lifetime: String { KeptConversation.lifetime }
}

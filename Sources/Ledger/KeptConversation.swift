import Basics
import Sharing
import Wire

/// What one node keeps of a conversation so that any other can go on with it, as a row in PostgreSQL.
/// It is found by its handle's digest, and contains what was said only as its writer sealed it.
///
/// Of several nodes that its client asks for it, the one that was asked last gets it, whatever the order
/// in which their claims come here.
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
    /// The session's place waits for whoever goes on with it.
    var leavesPlace: Bool
    /// Of the key that it is sealed with; empty for none.
    var key: String
    var text: String

    init(
        digest: String, generation: Int64, session: String, tenant: String, isOver: Bool,
        leavesPlace: Bool, key: String, text: String
    ) {
        self.digest = digest
        self.generation = generation
        self.session = session
        self.tenant = tenant
        self.isOver = isOver
        self.leavesPlace = leavesPlace
        self.key = key
        self.text = text
    }

    /// What came of a claim.
    enum Claimed: Equatable, Sendable {
        /// The claimant may take it in this generation: at once, or if another process drives it, when
        /// that has had time to let go.
        case claimed(generation: Int64, isDriven: Bool)
        /// The client has asked another since.
        case superseded
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
        /// One of the tenant's places is its own still.
        var hasPlace: Bool
    }

    /// A later step: the generation of whoever drives it, apart from that of the newest claim. Nodes
    /// without it take at once what they claim, and the others' last words are refused.
    static let driven = "ALTER TABLE conversations ADD COLUMN driven bigint NOT NULL DEFAULT 1;"

    /// A later step: when the client asked whoever has the newest claim, by the database's clock.
    static let asked =
        "ALTER TABLE conversations ADD COLUMN asked timestamptz NOT NULL DEFAULT '-infinity';"

    /// A later step: nodes without it leave no places.
    static let places =
        "ALTER TABLE conversations ADD COLUMN leaves_place boolean NOT NULL DEFAULT false;"

    /// As gemini's handles (`KeptReturn.lifetime`).
    fileprivate static let lifetime = "interval '2 hours'"
}

/// A client has come with the handle of a conversation.
struct ConversationClaim: Sendable {
    var digest: String
    var tenant: String
    var session: String
    /// When it came, by the clock of `tk_now`.
    var asked: Instant
}

/// A conversation is to be driven in the generation of its claim.
struct ConversationTake: Sendable {
    var digest: String
    var generation: Int64
    var session: String
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
    /// Writes them all, in one statement. Of a session that has claimed what it drives they may be of the
    /// generation before: it has not heard the answer.
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
            json.flag("leaves_place", row.leavesPlace)
            json.string("key", row.key)
            json.string("value", row.text)
        }
        try query(
            """
            WITH new AS MATERIALIZED (SELECT * FROM json_to_recordset(?1::json) AS s (digest text,
                    generation bigint, session text, tenant text, is_over boolean,
                    leaves_place boolean, key text, value text)),
            done AS (INSERT INTO conversations AS c (digest, generation, driven, process, node,
                    session, tenant, is_over, leaves_place, key, value)
                SELECT digest, generation, generation, ?2, ?3, session, tenant, is_over, leaves_place, key, value
                    FROM new ORDER BY digest
                ON CONFLICT (digest) DO UPDATE SET process = excluded.process,
                    generation = greatest(c.generation, excluded.generation),
                    driven = greatest(c.driven, excluded.driven), node = excluded.node,
                    session = excluded.session, is_over = excluded.is_over,
                    leaves_place = excluded.leaves_place, key = excluded.key,
                    value = excluded.value, written = now()
                    WHERE c.tenant = excluded.tenant AND (c.process = excluded.process AND c.session = excluded.session
                        OR c.driven <= excluded.driven
                        AND (c.generation <= excluded.generation OR c.process = excluded.process))
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

    /// Lays claim to conversations, and tells whoever drives them. To be called in a transaction.
    /// - Parameter keys: Those that can open them: what nobody here could read stays where it is.
    /// - Returns: In the order of the claims.
    func claim(
        _ claims: [ConversationClaim], keys: [String], at now: Instant, by driver: Driver
    ) throws(LedgerError) -> [KeptConversation.Claimed] {
        var names = JSONOutput()
        names.strings(nil, keys)
        var claimed = [KeptConversation.Claimed](repeating: .unknown, count: claims.count)
        // Of several for one conversation the newest.
        var newest: [[String]: Int] = [:]
        for (number, claim) in claims.enumerated() {
            let name = [claim.tenant, claim.digest]
            if let other = newest[name] {
                let isNewer = claims[other].asked <= claim.asked
                claimed[isNewer ? other : number] = .superseded
                guard isNewer else { continue }
            }
            newest[name] = number
        }
        let wanted = Self.document(newest.values.sorted()) { json, number in
            json.integer("number", Int64(number))
            json.string("digest", claims[number].digest)
            json.string("tenant", claims[number].tenant)
            json.integer("age", (now - claims[number].asked).nanoseconds / 1000)
        }
        let new = """
            new AS MATERIALIZED (SELECT * FROM json_to_recordset(?1::json) AS s (number bigint,
                digest text, tenant text, age bigint)),
            keys AS MATERIALIZED (SELECT json_array_elements_text(?2::json) AS name)
            """
        try query(
            """
            WITH \(new),
            old AS MATERIALIZED (SELECT number, c.digest, c.generation, c.process, age
                FROM conversations c JOIN new USING (digest, tenant)
                WHERE written > now() - \(Self.lifetime) AND key IN (SELECT name FROM keys)
                    AND NOT (\(Self.isNewer)) ORDER BY c.digest FOR UPDATE OF c),
            told AS (INSERT INTO superseded (process, digest, generation)
                SELECT process, digest, generation + 1 FROM old
                ON CONFLICT (process, digest) DO UPDATE SET generation = excluded.generation,
                    at = now())
            UPDATE conversations c SET generation = c.generation + 1, asked = \(Self.since)
                FROM old WHERE c.digest = old.digest
                RETURNING number, c.generation, (NOT c.is_over AND c.process != ?3)::int
            """, [.bytes(wanted), .bytes(names.bytes), .text(driver.process)]
        ) { row in
            claimed[Int(row.integer(0))] = .claimed(
                generation: row.integer(1), isDriven: row.integer(2) != 0)
        }
        guard newest.values.contains(where: { claimed[$0] == .unknown }) else { return claimed }
        try query(
            """
            WITH \(new)
            SELECT number, (c.tenant = new.tenant)::int, (key IN (SELECT name FROM keys))::int,
                    (\(Self.isNewer))::int, key
                FROM new JOIN conversations c USING (digest)
                WHERE written > now() - \(Self.lifetime)
            """, [.bytes(wanted), .bytes(names.bytes)]
        ) { row in
            let number = Int(row.integer(0))
            guard claimed[number] == .unknown else { return }
            claimed[number] =
                switch (row.integer(1) != 0, row.integer(2) != 0, row.integer(3) != 0) {
                case (false, _, _): .foreign
                case (_, false, _): .sealed(key: row.text(4))
                case (_, _, true): .superseded
                // It has come meanwhile.
                case (_, _, false): .unknown
                }
        }
        return claimed
    }

    /// Lays claim to conversations that this process drives already, since their clients have come back
    /// to it. To be called in a transaction.
    /// - Returns: In the order of the claims.
    func renew(
        _ claims: [ConversationClaim], at now: Instant, by driver: Driver
    ) throws(LedgerError) -> [Conversations.Renewed] {
        // Of several for one conversation the last: it is the one that goes on.
        let newest = Dictionary(claims.map { ($0.digest, $0) }) { $1 }
        let wanted = Self.document(newest.values.sorted { $0.digest < $1.digest }) { json, claim in
            json.string("digest", claim.digest)
            json.string("session", claim.session)
            json.integer("age", (now - claim.asked).nanoseconds / 1000)
        }
        var renewed: [String: Conversations.Renewed] = [:]
        try query(
            """
            WITH new AS MATERIALIZED (SELECT * FROM json_to_recordset(?1::json) AS s (digest text,
                    session text, age bigint)),
            old AS MATERIALIZED (SELECT digest, new.session, age FROM conversations c
                JOIN new USING (digest) ORDER BY digest FOR UPDATE OF c),
            done AS (UPDATE conversations c SET generation = c.generation + 1,
                    driven = c.generation + 1, session = old.session, is_over = false,
                    asked = \(Self.since)
                FROM old WHERE c.digest = old.digest AND c.process = ?2
                    AND NOT (\(Self.isNewer))
                RETURNING c.digest, c.generation)
            SELECT digest, coalesce(generation, 0) FROM old LEFT JOIN done USING (digest)
            """, [.bytes(wanted), .text(driver.process)]
        ) { row in
            let generation = row.integer(1)
            renewed[row.text(0)] =
                generation == 0 ? .superseded : .renewed(generation: generation)
        }
        return claims.map { renewed[$0.digest] ?? .unknown }
    }

    /// Drives the conversations from now on. To be called in a transaction.
    ///
    /// The place of a session that has let go waits for `HeldPlaces.move`; that of one that has not is
    /// counted for as long as its process is heard of.
    /// - Returns: In their order; nil if another has claimed it since.
    func take(
        _ takes: [ConversationTake], by driver: Driver
    ) throws(LedgerError) -> [KeptConversation.Taken?] {
        let wanted = Self.document(Array(takes.indices)) { json, number in
            json.integer("number", Int64(number))
            json.string("digest", takes[number].digest)
            json.integer("generation", takes[number].generation)
            json.string("session", takes[number].session)
        }
        var taken = [KeptConversation.Taken?](repeating: nil, count: takes.count)
        try query(
            """
            WITH new AS MATERIALIZED (SELECT * FROM json_to_recordset(?1::json) AS s (number bigint,
                    digest text, generation bigint, session text)),
            old AS MATERIALIZED (SELECT number, digest, new.session, node,
                    is_over OR process = ?2 AS is_free,
                    CASE WHEN is_over THEN leaves_place
                            AND written > now() - ?4 * interval '1 millisecond'
                        ELSE process != ?2 AND EXISTS (SELECT 1 FROM processes p
                            WHERE p.id = c.process AND \(OtherPlaces.isThere("?5"))) END AS has_place
                FROM conversations c JOIN new USING (digest, generation)
                ORDER BY digest FOR UPDATE OF c)
            UPDATE conversations c SET driven = generation, process = ?2, node = ?3,
                    session = old.session, is_over = false
                FROM old WHERE c.digest = old.digest
                RETURNING number, key, value, (extract(epoch FROM now() - written) * 1000)::bigint,
                    CASE WHEN is_free THEN '' ELSE old.node END, has_place::int
            """,
            [
                .bytes(wanted), .text(driver.process), .text(driver.node),
                .integer(HeldPlaces.move.milliseconds), .integer(PlaceRounds.absence.milliseconds),
            ]
        ) { row in
            taken[Int(row.integer(0))] = KeptConversation.Taken(
                key: row.text(1), text: row.text(2), age: .milliseconds(row.integer(3)),
                holder: row.text(4).isEmpty ? nil : row.text(4), hasPlace: row.integer(5) != 0)
        }
        return taken
    }

    /// When a client came that came so long ago, by the database's clock.
    private static let since = "now() - age * interval '1 microsecond'"
    /// Whether it has come elsewhere since. A claim from the future was made before the database's clock
    /// was put back.
    private static let isNewer = "asked > \(since) AND asked <= clock_timestamp()"

    private static func document<Each>(
        _ list: [Each], _ write: (inout JSONOutput, Each) -> Void
    ) -> [UInt8] {
        var document = JSONOutput()
        document.objects(nil, list, write)
        return document.bytes
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

import Basics
import Sharing
import Wire

/// What one node keeps of a conversation so that any other can continue it, as a row in PostgreSQL.
/// It is found by its handle's digest, and contains the words only as its writer sealed them.
///
/// If the client asks several nodes for it, the one that it asked last gets it, whatever the order
/// in which their claims arrive.
///
/// Its *generation* counts the claims to it. A process that wants it claims it, which raises the
/// number and informs the node that drives it; that node writes the last of what it heard, and
/// releases it. Then the claimant takes it, unless there is a newer claim, and drives it in this
/// generation. A write with a lower generation than the one it is driven in is refused: a node that
/// was cut off, or slow, overwrites nothing, and learns that it was superseded.
struct KeptConversation: Equatable, Sendable {
    /// SHA-256 of the client's handle, in hexadecimal.
    var digest: String
    /// The writer's generation.
    var generation: Int64
    var session: String
    var tenant: String
    /// Its session has ended: no process drives it.
    var isOver: Bool
    /// The session's place waits for the process that continues it.
    var leavesPlace: Bool
    /// The key that it is sealed with; empty for none.
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

    /// The result of a claim.
    enum Claimed: Equatable, Sendable {
        /// The claimant may take it in this generation: at once or, if another process drives it,
        /// after the time for releasing it.
        case claimed(generation: Int64, isDriven: Bool)
        /// The client has asked another process since.
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

    /// A conversation as its claimant finds it.
    struct Taken: Equatable, Sendable {
        var key: String
        var text: String
        /// The time since it was written.
        var age: Interval
        /// The node that has not released it.
        var holder: String?
        /// The conversation still has one of the tenant's places.
        var hasPlace: Bool
    }

    /// A later step: the generation of the process that drives it, separate from the newest
    /// claim's. Nodes without this step take at once what they claim, so that the others' last
    /// words are refused.
    static let driven = "ALTER TABLE conversations ADD COLUMN driven bigint NOT NULL DEFAULT 1;"

    /// A later step: when the client asked the newest claimant, by the database's clock.
    static let asked =
        "ALTER TABLE conversations ADD COLUMN asked timestamptz NOT NULL DEFAULT '-infinity';"

    /// A later step: nodes without it leave no places.
    static let places =
        "ALTER TABLE conversations ADD COLUMN leaves_place boolean NOT NULL DEFAULT false;"

    /// The same as for gemini's handles (`KeptReturn.lifetime`).
    static let lifetime = "interval '2 hours'"
}

/// A client has presented the handle of a conversation.
struct ConversationClaim: Sendable {
    var digest: String
    var tenant: String
    var session: String
    /// When the client came, by the clock of `tk_now`.
    var asked: Instant
}

/// A request to drive a conversation in the generation of its claim.
struct ConversationTake: Sendable {
    var digest: String
    var generation: Int64
    var session: String
}

/// A process among those with one PostgreSQL. Its name is for people; what it drives is found by
/// its identity, which no other process ever has.
struct Driver: Equatable, Sendable {
    var node: String
    var process: String

    init(node: String, process: String) {
        self.node = node
        self.process = process
    }
}

extension Postgres {
    /// Writes all rows in one statement. If a session has claimed again what it drives, its row may
    /// have the generation before: it has not received the answer.
    /// - Parameter rows: No two with the same digest.
    /// - Returns: Those that another node continues: written, if that node has not taken them yet.
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

    /// Claims conversations, and informs the processes that drive them. Call it in a transaction.
    /// - Parameter keys: The keys that open them: a conversation that this node could not read
    ///   stays where it is.
    /// - Returns: In the order of the claims.
    func claim(
        _ claims: [ConversationClaim], keys: [String], at now: Instant, by driver: Driver
    ) throws(LedgerError) -> [KeptConversation.Claimed] {
        var names = JSONOutput()
        names.strings(nil, keys)
        var claimed = [KeptConversation.Claimed](repeating: .unknown, count: claims.count)
        // Only the newest of several claims to one conversation counts.
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
                // It has arrived meanwhile.
                case (_, _, false): .unknown
                }
        }
        return claimed
    }

    /// Claims again conversations that this process already drives, because their clients have
    /// returned. Call it in a transaction.
    /// - Returns: In the order of the claims.
    func renew(
        _ claims: [ConversationClaim], at now: Instant, by driver: Driver
    ) throws(LedgerError) -> [Conversations.Renewed] {
        // Only the last of several claims to one conversation counts.
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

    /// Drives the conversations from now on. Call it in a transaction.
    ///
    /// The place of a session that has released its conversation waits for `HeldPlaces.move`;
    /// otherwise the place counts for as long as its process is heard from.
    /// - Returns: In their order; nil if another process has claimed it since.
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

    /// The time at which a client came, given its age, by the database's clock.
    private static let since = "now() - age * interval '1 microsecond'"
    /// Whether the client has asked another node since. A claim from the future was made before the
    /// database's clock was set back.
    private static let isNewer = "asked > \(since) AND asked <= clock_timestamp()"

    private static func document<Each>(
        _ list: [Each], _ write: (inout JSONOutput, Each) -> Void
    ) -> [UInt8] {
        var document = JSONOutput()
        document.objects(nil, list, write)
        return document.bytes
    }

    /// What other processes have claimed from this one, until acknowledged: an answer may be lost.
    func superseded(of driver: Driver) throws(LedgerError) -> [Superseded] {
        var found: [Superseded] = []
        try query(
            "SELECT digest, generation FROM superseded WHERE process = ?",
            [.text(driver.process)]
        ) { found.append(Superseded(digest: $0.text(0), generation: $0.integer(1))) }
        return found
    }

    /// A conversation that was taken again meanwhile stays.
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

    // MARK: Keys

    /// Processes report the keys they use every minute.
    fileprivate static let isKeyUsed = """
        (used > now() - interval '3 minutes' OR EXISTS (SELECT 1 FROM conversations
            WHERE key = id AND written > now() - \(lifetime)))
        """

    /// A text sealed with each key that rows may be sealed with, so that a node knows at its start
    /// whether it can open them.
    func canaries() throws(LedgerError) -> [(key: String, text: String)] {
        var found: [(key: String, text: String)] = []
        try query(
            "SELECT id, canary FROM state_keys WHERE \(Self.isKeyUsed) ORDER BY id", []
        ) { found.append(($0.text(0), $0.text(1))) }
        return found
    }

    /// This process seals with the key.
    func use(key: String, canary: String) throws(LedgerError) {
        try run(
            "INSERT INTO state_keys VALUES (?1, ?2, now()) ON CONFLICT (id) DO UPDATE SET used = now()",
            [.text(key), .text(canary)])
    }

    private static var lifetime: String { KeptConversation.lifetime }
}

extension SharedState {
    /// From now on, forgets conversations that are older than gemini remembers, and keys used
    /// neither by a conversation nor by a process.
    func forgetsConversations() {
        let isOver = "< now() - \(KeptConversation.lifetime)"
        // A row may have 64 KiB.
        forgets("conversations", where: "written \(isOver)", most: 500)
        forgets("superseded", where: "at \(isOver)")
        forgets("state_keys", where: "NOT \(Postgres.isKeyUsed)")
    }
}

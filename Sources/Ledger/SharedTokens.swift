public import Basics
import CLinux
import Sharing
import Synchronization

/// Client tokens in PostgreSQL: made on one node, valid on all. A use is counted in one statement,
/// so that nodes together cannot count more uses than there are.
///
/// Each use has its session's id. If a node knows that a use did not happen, it gives the use back
/// by that id, even if it never heard whether the use was counted: nothing is given back twice, and
/// a use that would be counted only after it was given back is not counted.
public final class SharedTokens: Sendable {
    /// A token as the table has it.
    public struct Token: Equatable, Sendable {
        /// The digest of the token's text, in hexadecimal digits.
        public var digest: String
        public var tenant: String
        public var expires: WallTime
        public var newSessionsUntil: WallTime
        /// 0: unlimited.
        public var uses: Int
        public var used = 0
        public var resumed = 0
        /// The lock: a setup, and names of fields joined by commas.
        public var setup: String
        public var mask: String
        public var endUser: String

        /// What of it its tenant has chosen, in bytes.
        var size: Int { setup.utf8.count + mask.utf8.count + endUser.utf8.count }

        public init(
            digest: String, tenant: String, expires: WallTime, newSessionsUntil: WallTime,
            uses: Int, setup: String, mask: String, endUser: String
        ) {
            self.digest = digest
            self.tenant = tenant
            self.expires = expires
            self.newSessionsUntil = newSessionsUntil
            self.uses = uses
            self.setup = setup
            self.mask = mask
            self.endUser = endUser
        }
    }

    /// The answer for a connection with a token.
    public struct Visit: Equatable, Sendable {
        public var token: Token
        /// One of its uses has been counted for this session.
        public var isUse: Bool
    }

    private struct State {
        var returns = TokenReturns()
        var resumptions: [String: Int] = [:]
        var key: [UInt8] = []
        var adopt: (@Sendable ([UInt8]) -> Void)?
        var nextTidying: Int64 = 0
    }

    private let state: Mutex<State>
    private let shared: SharedState

    /// The number per statement.
    private static let batch = 1000

    /// - Parameter key: The key with which this node would make seals. The first node's key becomes
    ///   everyone's.
    public init(_ shared: SharedState, key: [UInt8]) {
        self.shared = shared
        state = Mutex(State(key: key))
        shared.everyRound { [weak self] (postgres) throws(LedgerError) in
            try self?.round(postgres)
        }
    }

    private func round(_ postgres: Postgres) throws(LedgerError) {
        let (own, adopt) = state.withLock { ($0.key, $0.adopt) }
        let found = try Self.key(or: own, postgres)
        state.withLock { $0.key = found }
        if found != own { adopt?(found) }
        try settle(postgres)
        try tidy(postgres)
    }

    /// - Parameter adopt: Called on the thread with the key of all nodes, if it differs.
    public func adopts(_ adopt: @escaping @Sendable ([UInt8]) -> Void) {
        state.withLock { $0.adopt = adopt }
    }

    /// The key of all nodes.
    private static func key(
        or own: [UInt8], _ postgres: Postgres
    ) throws(LedgerError) -> [UInt8] {
        let sql = "SELECT value FROM secrets WHERE name = 'tokens'"
        var found: [UInt8] = []
        try postgres.query(sql, []) { found = Array($0.text(0).utf8) }
        guard found.isEmpty else { return found }
        try postgres.run(
            "INSERT INTO secrets VALUES ('tokens', ?) ON CONFLICT DO NOTHING", [.bytes(own)])
        try postgres.query(sql, []) { found = Array($0.text(0).utf8) }
        return found
    }

    // MARK: For workers

    /// Keeps a new token.
    /// - Parameters:
    ///   - most: The limits on its tenant's live tokens: their number, and the bytes of their
    ///   setups and masks.
    ///   - receive: Whether there was room for it.
    public func mint(
        _ token: Token, most: (count: Int, bytes: Int),
        then receive: @escaping @Sendable (Result<Bool, SharedState.Failure>) -> Void
    ) {
        shared.ask { (postgres) throws(LedgerError) in
            try postgres.run(
                """
                INSERT INTO client_tokens (digest, tenant, expires_us, begins_until_us, uses,
                        setup, mask, end_user, size)
                    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
                    FROM (SELECT count(*), coalesce(sum(size), 0) AS size FROM client_tokens
                        WHERE tenant = ?2 AND expires_us > \(Self.now)) AS live
                    WHERE live.count < ?10 AND live.size + ?9 < ?11
                """,
                [
                    .text(token.digest), .text(token.tenant), .integer(token.expires.microseconds),
                    .integer(token.newSessionsUntil.microseconds), Value(token.uses),
                    .text(token.setup), .text(token.mask), .text(token.endUser),
                    Value(token.size), Value(most.count), Value(most.bytes),
                ]) > 0
        } then: {
            receive($0)
        }
    }

    /// Counts a use for a session, if there is one left.
    /// - Parameter receive: nil if there is no such token, or it has expired.
    public func visit(
        _ digest: String, session: String,
        then receive: @escaping @Sendable (Result<Visit?, SharedState.Failure>) -> Void
    ) {
        shared.ask { (postgres) throws(LedgerError) in
            let isUse =
                try postgres.run(
                    """
                    WITH counted AS (UPDATE client_tokens SET used = used + 1
                        WHERE digest = ?1 AND (uses = 0 OR used < uses)
                            AND begins_until_us > \(Self.now) AND expires_us > \(Self.now)
                        RETURNING digest)
                    INSERT INTO token_uses (token, session) SELECT digest, ?2 FROM counted
                    """, [.text(digest), .text(session)]) > 0
            return try Self.find(digest, postgres).map { Visit(token: $0, isUse: isUse) }
        } then: { [weak self] result in
            // The caller may never learn the outcome.
            if case .failure(let failure) = result, failure.mayBeDone {
                self?.giveBack(digest, session: session)
            }
            receive(result)
        }
    }

    private static func find(
        _ digest: String, _ postgres: Postgres
    ) throws(LedgerError) -> Token? {
        var found: Token?
        try postgres.query(
            """
            SELECT tenant, expires_us, begins_until_us, uses, used, resumed, setup, mask, end_user
                FROM client_tokens WHERE digest = ? AND expires_us > \(now)
            """, [.text(digest)]
        ) { row in
            var token = Token(
                digest: digest, tenant: row.text(0),
                expires: WallTime(microseconds: row.integer(1)),
                newSessionsUntil: WallTime(microseconds: row.integer(2)),
                uses: Int(row.integer(3)), setup: row.text(6), mask: row.text(7),
                endUser: row.text(8))
            (token.used, token.resumed) = (Int(row.integer(4)), Int(row.integer(5)))
            found = token
        }
        return found
    }

    /// The session's use did not happen. Written in a round, and again until that succeeds.
    /// - Parameter delay: Until then `keep` can withdraw this.
    public func giveBack(_ digest: String, session: String, after delay: Interval = .zero) {
        let moment = Instant(nanoseconds: tk_now()) + delay
        state.withLock {
            $0.returns.add(TokenReturns.Use(digest: digest, session: session), from: moment)
        }
    }

    /// The use happened after all. False if that is too late.
    public func keep(_ digest: String, session: String) -> Bool {
        state.withLock {
            $0.returns.keep(TokenReturns.Use(digest: digest, session: session))
        }
    }

    /// Counts a resumption.
    public func resume(_ digest: String) {
        state.withLock { $0.resumptions[digest, default: 0] += 1 }
    }

    // MARK: In a round

    private func settle(_ postgres: Postgres) throws(LedgerError) {
        let now = Instant(nanoseconds: tk_now())
        let isEnding = shared.isEnding
        let (returns, resumptions) = state.withLock { state in
            defer { state.resumptions = [:] }
            return (
                state.returns.take(Self.batch, at: now, isEnding: isEnding), state.resumptions
            )
        }
        do throws(LedgerError) {
            if !returns.isEmpty { try giveBack(Array(returns.keys), postgres) }
            for (digest, count) in resumptions {
                try postgres.run(
                    "UPDATE client_tokens SET resumed = resumed + ? WHERE digest = ?",
                    [Value(count), .text(digest)])
            }
        } catch {
            // A resumption counted once too often is one of a hundred.
            state.withLock { state in
                state.returns.putBack(returns)
                state.resumptions.merge(resumptions) { $0 + $1 }
            }
            throw error
        }
    }

    /// A use that has not been counted yet never will be.
    private func giveBack(_ list: [TokenReturns.Use], _ postgres: Postgres) throws(LedgerError) {
        // Digits and ids, which need no escapes.
        let json = list.map { #"{"token":"\#($0.digest)","session":"\#($0.session)"}"# }
        try postgres.run(
            """
            WITH given AS MATERIALIZED (SELECT g.token, g.session
                FROM json_to_recordset(?::json) AS g (token text, session text)),
            locked AS MATERIALIZED (SELECT digest FROM client_tokens
                WHERE digest IN (SELECT token FROM given) ORDER BY digest FOR UPDATE),
            back AS (INSERT INTO token_uses (token, session, is_given_back)
                SELECT token, session, 1 FROM given JOIN locked ON digest = token
                ON CONFLICT (token, session) DO UPDATE SET is_given_back = 1
                    WHERE token_uses.is_given_back = 0
                RETURNING token, xmax = 0 AS is_new),
            counts AS (SELECT token, count(*) FROM back WHERE NOT is_new GROUP BY token)
            UPDATE client_tokens SET used = used - counts.count FROM counts
                WHERE digest = counts.token
            """, [.text("[" + json.joined(separator: ",") + "]")])
    }

    private func tidy(_ postgres: Postgres) throws(LedgerError) {
        guard tk_now() >= state.withLock({ $0.nextTidying }) else { return }
        try postgres.run(
            "DELETE FROM client_tokens WHERE expires_us < \(Self.now) - 60000000")
        state.withLock { $0.nextTidying = tk_now() + 60_000_000_000 }
    }

    /// The database's clock: nodes' may differ.
    private static let now = "(extract(epoch FROM now()) * 1000000)::bigint"
}

import Basics
import CLinux
import Sharing
import Wire

/// What a visit has found.
enum VisitOutcome: Equatable, Sendable {
    case found(SharedTokens.Visit)
    /// There is no such token, or it has expired.
    case unknown
    /// The session's use was given back before it was counted, or the session has come before.
    case spent
}

// The statements of client tokens. Each locks the tokens in the order of their digests, so that no
// two wait for each other.
extension Postgres {
    /// Keeps a new token.
    /// - Returns: Whether there was room for it.
    func mint(
        _ token: SharedTokens.Token, most: (count: Int, bytes: Int)
    ) throws(LedgerError) -> Bool {
        try run(
            """
            INSERT INTO client_tokens (digest, tenant, expires_us, begins_until_us, uses,
                    setup, mask, end_user, size)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
                FROM (SELECT count(*), coalesce(sum(size), 0) AS size FROM client_tokens
                    WHERE tenant = ?2 AND expires_us > \(Self.nowInMicroseconds)) AS live
                WHERE live.count < ?10 AND live.size + ?9 < ?11
            """,
            [
                .text(token.digest), .text(token.tenant), .integer(token.expires.microseconds),
                .integer(token.newSessionsUntil.microseconds), Value(token.uses),
                .text(token.setup), .text(token.mask), .text(token.endUser),
                Value(token.size), Value(most.count), Value(most.bytes),
            ]) > 0
    }

    /// Counts a use for each session, where there is one left, in a single statement: clients come
    /// in hundreds, and each round trip counts.
    /// - Returns: In the order of the sessions.
    func visit(_ uses: [TokenReturns.Use]) throws(LedgerError) -> [VisitOutcome] {
        var visited = [VisitOutcome](repeating: .unknown, count: uses.count)
        var asked = JSONOutput()
        asked.objects(nil, uses.enumerated()) { json, use in
            json.integer("number", use.offset)
            json.string("token", use.element.digest)
            json.string("session", use.element.session)
        }
        let here = WallTime(nanoseconds: tk_wall())
        var token: SharedTokens.Token?
        try query(
            """
            WITH asked AS MATERIALIZED (SELECT a.number, a.token, a.session,
                    u.session IS NOT NULL AS is_over
                FROM json_to_recordset(?1::json) AS a (number bigint, token text, session text)
                LEFT JOIN token_uses u ON u.token = a.token AND u.session = a.session),
            known AS MATERIALIZED (SELECT * FROM client_tokens
                WHERE digest IN (SELECT token FROM asked) AND expires_us > \(Self.nowInMicroseconds)
                ORDER BY digest FOR UPDATE),
            counted AS (INSERT INTO token_uses (token, session)
                SELECT token, session FROM (SELECT token, session,
                        row_number() OVER (PARTITION BY token ORDER BY number) AS place
                    FROM asked WHERE NOT is_over) AS new JOIN known ON digest = token
                WHERE (uses = 0 OR used + place <= uses)
                    AND begins_until_us > \(Self.nowInMicroseconds)
                ON CONFLICT DO NOTHING RETURNING token, session),
            sums AS (SELECT token, count(*) AS new FROM counted GROUP BY token),
            done AS (UPDATE client_tokens SET used = used + sums.new FROM sums
                WHERE digest = sums.token)
            SELECT a.number, (c.session IS NOT NULL)::int, a.is_over::int, digest, tenant,
                    expires_us - \(Self.nowInMicroseconds), begins_until_us - \(Self.nowInMicroseconds),
                    uses, used + coalesce(sums.new, 0), resumed,
                    CASE WHEN a.number = min(a.number) OVER (PARTITION BY digest)
                        THEN setup ELSE '' END, mask, end_user
                FROM asked a JOIN known ON digest = a.token
                LEFT JOIN counted c ON c.token = a.token AND c.session = a.session
                LEFT JOIN sums ON sums.token = a.token
                ORDER BY digest, a.number
            """, [.bytes(asked.bytes)]
        ) { row in
            // The setup, which may be long, comes once.
            let found = token.flatMap { $0.digest == row.text(3) ? $0 : nil }
            let each = found ?? Self.token(row, at: here)
            token = each
            visited[Int(row.integer(0))] =
                row.integer(2) != 0
                ? .spent
                : .found(SharedTokens.Visit(token: each, isUse: row.integer(1) != 0))
        }
        return visited
    }

    /// - Parameter here: This node's clock, by which the token's times are given.
    private static func token(_ row: borrowing Row, at here: WallTime) -> SharedTokens.Token {
        var token = SharedTokens.Token(
            digest: row.text(3), tenant: row.text(4),
            expires: here + Interval(nanoseconds: row.integer(5) &* 1000),
            newSessionsUntil: here + Interval(nanoseconds: row.integer(6) &* 1000),
            uses: Int(row.integer(7)), setup: row.text(10), mask: row.text(11),
            endUser: row.text(12))
        (token.used, token.resumed) = (Int(row.integer(8)), Int(row.integer(9)))
        return token
    }

    /// A use that has not been counted yet never will be.
    func giveBack(_ uses: [TokenReturns.Use]) throws(LedgerError) {
        var given = JSONOutput()
        given.objects(nil, uses) { json, use in
            json.string("token", use.digest)
            json.string("session", use.session)
        }
        try run(
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
            """, [.bytes(given.bytes)])
    }

    func count(resumptions: [(digest: String, count: Int)]) throws(LedgerError) {
        var counts = JSONOutput()
        counts.objects(nil, resumptions) { json, each in
            json.string("token", each.digest)
            json.integer("count", each.count)
        }
        try run(
            """
            WITH counts AS MATERIALIZED (SELECT * FROM json_to_recordset(?::json)
                AS c (token text, count bigint)),
            locked AS MATERIALIZED (SELECT digest FROM client_tokens
                WHERE digest IN (SELECT token FROM counts) ORDER BY digest FOR UPDATE)
            UPDATE client_tokens SET resumed = resumed + counts.count FROM counts
                WHERE client_tokens.digest = counts.token
                    AND client_tokens.digest IN (SELECT digest FROM locked)
            """, [.bytes(counts.bytes)])
    }
}

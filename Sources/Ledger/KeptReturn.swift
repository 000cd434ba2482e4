public import Basics

/// What a client's handle stands for in the two hours after its session has ended: available to
/// this process after a restart, and to others with the same ledger.
///
/// It contains gemini's own handle unchanged. That opens nothing without the tenant's key, and only
/// the owner can read the file; the client's handle is kept only as a digest.
public struct KeptReturn: Equatable, Sendable {
    /// SHA-256 of the client's handle, in hexadecimal.
    public var digest: String
    public var tenant: String
    public var session: String
    public var model: String
    public var tools: UInt64
    public var handle: String
    /// Lines of text; empty if the policy keeps no transcripts.
    public var transcript: String
    /// What the conversation has used so far, in millionths of a dollar and in tokens.
    public var cost: Int64
    public var tokens: Int64
    public var ended: WallTime

    /// How long gemini honours a handle after its session's end (wire reference 10.3).
    public static let lifetime = Interval.seconds(7200)

    public init(
        digest: String, tenant: String, session: String, model: String, tools: UInt64,
        handle: String, transcript: String, cost: Int64, tokens: Int64, ended: WallTime
    ) {
        self.digest = digest
        self.tenant = tenant
        self.session = session
        self.model = model
        self.tools = tools
        self.handle = handle
        self.transcript = transcript
        self.cost = cost
        self.tokens = tokens
        self.ended = ended
    }
}

extension LedgerReader {
    /// `nil` if the handle is no longer known.
    public func keptReturn(
        digest: String, at now: WallTime
    ) throws(LedgerError) -> KeptReturn? {
        var found: KeptReturn?
        try database.query(
            "SELECT tenant, session, model, tools, handle, transcript, cost_micro_usd, tokens, "
                + "ended_us FROM returns WHERE digest = ? AND ended_us > ?",
            [.text(digest), .integer((now - KeptReturn.lifetime).microseconds)]
        ) { row in
            found = KeptReturn(
                digest: digest, tenant: row.text(0), session: row.text(1), model: row.text(2),
                tools: UInt64(bitPattern: row.integer(3)), handle: row.text(4),
                transcript: row.text(5), cost: row.integer(6), tokens: row.integer(7),
                ended: WallTime(microseconds: row.integer(8)))
        }
        return found
    }
}

extension Database {
    /// Keeps the newest entry of a handle, and deletes old ones.
    func write(_ kept: KeptReturn) throws(LedgerError) {
        try run(
            "DELETE FROM returns WHERE ended_us < ?",
            .integer((kept.ended - KeptReturn.lifetime).microseconds))
        try run(
            "INSERT OR REPLACE INTO returns (digest, tenant, session, model, tools, handle, "
                + "transcript, cost_micro_usd, tokens, ended_us) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            .text(kept.digest), .text(kept.tenant), .text(kept.session), .text(kept.model),
            .integer(Int64(bitPattern: kept.tools)), .text(kept.handle), .text(kept.transcript),
            .integer(kept.cost), .integer(kept.tokens), .integer(kept.ended.microseconds))
    }
}

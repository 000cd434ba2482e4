public import Basics

/// A query for sessions. Nil fields are ignored; all others must match.
public struct SessionQuery: Equatable, Sendable {
    /// The start of an id, part of a tenant's or model's name, a close code, or words of a kept
    /// transcript, from three bytes on: of most alphabets two letters, of Chinese one.
    public var text: String?
    /// As with `outcome`, a value that ends in `*` matches by prefix.
    public var tenant: String?
    /// Part of the name of a model that was used.
    public var model: String?
    /// Words of a kept transcript: of the user or of the model, in either case.
    public var words: String?
    /// The close code of the client's socket or of any connection to gemini.
    public var closeCode: Int?
    /// The first digits of such a code.
    public var closeCodeStart: String?
    /// As in the ledger, or `live`.
    public var outcome: String?
    public var isLive: Bool?
    /// A remedy was needed.
    public var wasInTrouble: Bool?
    /// Began no earlier.
    public var since: WallTime?
    /// Began earlier.
    public var until: WallTime?
    /// nil: the newest first.
    public var order: Order?
    public var limit = 50
    /// The end of the previous page.
    public var after: Cursor?

    public init() {}

    /// Sorts by the largest value first.
    public enum Order: String, CaseIterable, Sendable {
        case cost, remedies, length
        /// The longest wait for a first sound.
        case firstSound = "first-sound"
    }

    /// A position in the order of sessions.
    public struct Cursor: Equatable, Sendable, CustomStringConvertible {
        var started: Int64
        var id: String

        /// `1763712000000000-3f9k...`: the start in microseconds, and the id.
        public var description: String { "\(started)-\(id)" }

        public init?(_ text: String) {
            let parts = text.split(separator: "-", maxSplits: 1)
            guard parts.count == 2, let started = Int64(parts[0]), parts[1].utf8.count <= 128
            else { return nil }
            self.started = started
            id = String(parts[1])
        }

        init(_ session: SessionSummary) {
            started = session.started.microseconds
            id = session.id
        }
    }
}

/// A part of the list of sessions.
public struct SessionPage: Equatable, Sendable {
    public var sessions: [SessionSummary] = []
    /// Where to continue; nil at the end.
    public var next: SessionQuery.Cursor?
}

extension SessionQuery.Order {
    fileprivate func term(_ dialect: Dialect) -> String {
        switch self {
        case .cost: "(SELECT sum(cost_micro_usd) FROM turn WHERE session = sessions.key)"
        case .remedies:
            dialect.sum(of: "troubles")
        case .length: "coalesce(ended_us, \(dialect.now)) - started_us"
        case .firstSound:
            "(SELECT max(first_audio_us - coalesce(input_ended_us, started_us)) FROM turn "
                + "WHERE session = sessions.key)"
        }
    }
}

extension LedgerReader {
    var summaryColumns: String {
        """
        id, tenant, model, started_us, ended_us, outcome, close_code, coalesce(close_reason, ''),
        version, (SELECT count(*) FROM turn WHERE session = key AND number > 0),
        (SELECT coalesce(sum(cost_micro_usd), 0) FROM turn WHERE session = key),
        (SELECT coalesce(sum(remedy_cost_micro_usd), 0) FROM turn WHERE session = key),
        key, troubles, end_user, \(dialect.node)
        """
    }

    /// Newest first. A nil `tenant` means all.
    public func sessions(
        tenant: String? = nil, limit: Int = 50
    ) throws(LedgerError) -> [SessionSummary] {
        var query = SessionQuery()
        query.tenant = tenant
        query.limit = limit
        return try sessions(query).sessions
    }

    /// Newest first.
    public func sessions(_ query: SessionQuery) throws(LedgerError) -> SessionPage {
        let (condition, values) = condition(query)
        var page = SessionPage()
        let limit = max(0, min(query.limit, Int(Int32.max)))
        // Reads one more than requested, to see whether there are more.
        try database.query(
            "SELECT \(summaryColumns) FROM sessions WHERE \(condition) "
                + "ORDER BY \(query.order?.term(dialect) ?? "1 = 1") DESC NULLS LAST, started_us DESC, id LIMIT ?",
            values + [Value(limit + 1)]
        ) { page.sessions.append(Self.summary($0)) }
        if page.sessions.count > limit {
            page.sessions.removeLast()
            page.next = query.order == nil ? page.sessions.last.map(SessionQuery.Cursor.init) : nil
        }
        for place in page.sessions.indices { try complete(&page.sessions[place]) }
        try tellStates(of: &page.sessions)
        return page
    }

    /// The existing sessions among these ids.
    public func sessions(_ ids: [String]) throws(LedgerError) -> [SessionSummary] {
        var found: [SessionSummary] = []
        for id in ids {
            try database.query(
                "SELECT \(summaryColumns) FROM sessions WHERE id = ?", [.text(id)]
            ) { found.append(Self.summary($0)) }
        }
        for place in found.indices { try complete(&found[place]) }
        try tellStates(of: &found)
        return found
    }

    private func condition(_ query: SessionQuery) -> (String, [Value]) {
        var terms = ["1 = 1"]
        var values: [Value] = []
        func require(_ term: String, _ given: Value...) {
            terms.append(term)
            values += given
        }
        func requireText(_ column: String, _ text: String) {
            guard text.last == "*" else { return require("\(column) = ?", .text(text)) }
            let start = String(text.dropLast())
            require("substr(\(column), 1, length(?)) = ?", .text(start), .text(start))
        }
        if let text = query.text {
            // The index finds an id by its start: no character follows U+10FFFF. Transcripts are
            // read last, because they are long.
            let hears = text.utf8.count >= 3
            // A code has four digits, so fewer are the beginning of one.
            let isBegun = text.utf8.count < 4 && text.utf8.allSatisfy { 0x30...0x39 ~= $0 }
            let code = isBegun ? Value.text(text + "%") : Value(Int64(text))
            require(
                "((id >= ? AND id < ?) OR \(dialect.contains("tenant")) "
                    + "OR \(usedModel) OR \(Self.closed(isBegun ? Self.begins : Self.isEqual))"
                    + (hears ? " OR \(spoken))" : ")"),
                .text(text), .text(text + "\u{10FFFF}"), .text(text), .text(text), .text(text),
                code, code)
            if hears { values += [dialect.toFind(text), dialect.toFind(text)] }
        }
        if let words = query.words {
            require(spoken, dialect.toFind(words), dialect.toFind(words))
        }
        if let tenant = query.tenant { requireText("tenant", tenant) }
        if let model = query.model { require(usedModel, .text(model), .text(model)) }
        if let code = query.closeCode {
            require(Self.closed(Self.isEqual), Value(code), Value(code))
        }
        if let start = query.closeCodeStart {
            require(Self.closed(Self.begins), .text(start + "%"), .text(start + "%"))
        }
        if let outcome = query.outcome, outcome != "live" { requireText("outcome", outcome) }
        let isLive = query.outcome == "live" ? true : query.isLive
        if let isLive { require(isLive ? "ended_us IS NULL" : "ended_us IS NOT NULL") }
        if let wasInTrouble = query.wasInTrouble {
            require(wasInTrouble ? Self.trouble : "NOT \(Self.trouble)")
        }
        if let since = query.since { require("started_us >= ?", .integer(since.microseconds)) }
        if let until = query.until { require("started_us < ?", .integer(until.microseconds)) }
        if let after = query.after {
            require(
                "(started_us < ? OR (started_us = ? AND id > ?))", .integer(after.started),
                .integer(after.started), .text(after.id))
        }
        return (terms.joined(separator: " AND "), values)
    }

    /// The session had trouble, or ended badly.
    private static let trouble = """
        (troubles != '' OR coalesce(outcome, '') IN
            ('gemini_closed', 'unanswered', 'refused', 'limit', 'unfinished'))
        """

    private static func isEqual(_ column: String) -> String { "\(column) = ?" }
    private static func begins(_ column: String) -> String { "CAST(\(column) AS TEXT) LIKE ?" }

    /// Its client's connection, or one to gemini, was closed with such a code.
    private static func closed(_ condition: (String) -> String) -> String {
        "(\(condition("close_code")) OR key IN "
            + "(SELECT session FROM connection WHERE \(condition("code"))))"
    }

    /// A session's own model is the one that it ended with.
    private var usedModel: String {
        "(\(dialect.contains("model")) OR EXISTS (SELECT 1 FROM connection c "
            + "WHERE c.session = sessions.key AND \(dialect.contains("c.model"))))"
    }

    private var spoken: String {
        "EXISTS (SELECT 1 FROM turn WHERE session = sessions.key AND "
            + "(\(dialect.says("user_text")) OR \(dialect.says("model_text"))))"
    }

    /// The activity of every live session, by id.
    public func liveStates() throws(LedgerError) -> [String: SessionState] {
        var found: [SessionSummary] = []
        try database.query("SELECT id, key, started_us FROM sessions WHERE ended_us IS NULL") {
            var session = SessionSummary()
            session.id = $0.text(0)
            session.key = $0.integer(1)
            session.started = WallTime(microseconds: $0.integer(2))
            found.append(session)
        }
        try tellStates(of: &found)
        return Dictionary(found.map { ($0.id, $0.state ?? .connecting) }) { first, _ in first }
    }

    static func summary(_ row: borrowing Row) -> SessionSummary {
        var summary = SessionSummary()
        summary.id = row.text(0)
        summary.tenant = row.text(1)
        summary.model = row.text(2)
        summary.started = WallTime(microseconds: row.integer(3))
        summary.ended = row.time(4)
        summary.outcome = row.optionalText(5)
        summary.closeCode = row.optionalInteger(6).map { Int($0) }
        summary.closeReason = row.text(7)
        summary.version = row.text(8)
        summary.turns = Int(row.integer(9))
        summary.cost = row.integer(10)
        summary.remedyCost = row.integer(11)
        summary.key = row.integer(12)
        summary.troubles = RemedyCount.read(row.text(13))
        summary.endUser = row.text(14)
        summary.node = row.text(15)
        return summary
    }

    /// Adds data from another table: the session's connections.
    func complete(_ summary: inout SessionSummary) throws(LedgerError) {
        var connections = 0
        var close: (code: Int, reason: String)?
        try database.query(
            "SELECT code, coalesce(reason, ''), closed_by FROM connection WHERE session = ? ORDER BY number",
            [.integer(summary.key)]
        ) { row in
            connections += 1
            if let code = row.optionalInteger(0), row.text(2) == "gemini" {
                close = (Int(code), row.text(1))
            }
        }
        summary.connections = connections
        summary.geminiCloseCode = close?.code
        summary.geminiCloseReason = close?.reason ?? ""
    }
}

public import Basics
public import Transport
import Usage

/// Reads a ledger, even while servers write it. Used by one thread at a time.
public final class LedgerReader {
    let database: any LedgerDatabase
    var dialect: Dialect { database.dialect }

    /// Opens it for reading only.
    /// - Parameter thread: The thread that uses it, so that `stopWaiting` ends waits here, too; nil
    ///   for the caller's.
    public init(
        _ place: LedgerPlace, onBehalfOf thread: BackgroundThread? = nil
    ) throws(LedgerError) {
        switch place {
        case .file(let path): database = try Database.reading(path)
        case .postgres(let address):
            database = try Postgres(address, for: .reading, onBehalfOf: thread)
        }
    }

    public convenience init(_ path: String) throws(LedgerError) { try self.init(.file(path)) }

    /// The faults that SQLite finds in the file; empty if none.
    public func complaints() throws(LedgerError) -> [String] {
        var found: [String] = []
        try database.query("PRAGMA integrity_check") { found.append($0.text(0)) }
        return found == ["ok"] ? [] : found
    }

    // MARK: Sessions

    /// nil if there is no such session. `id` may be abbreviated if that is unambiguous.
    /// - Parameter withEvents: `false` omits the timeline, which may be long.
    public func session(
        _ id: String, withEvents: Bool = true
    ) throws(LedgerError) -> SessionReport? {
        var found: [SessionSummary] = []
        try database.query(
            "SELECT \(summaryColumns) FROM sessions WHERE id = ?1 "
                + "OR (\(Self.abbreviation)) "
                + "ORDER BY id = ?1 DESC LIMIT 2",
            [.text(id)]
        ) { found.append(Self.summary($0)) }
        guard var summary = found.first, found.count == 1 || summary.id == id else { return nil }
        try complete(&summary)
        try tellStates(of: &summary)
        var report = SessionReport()
        report.summary = summary
        if dialect == .postgres {
            // While one process replaces another, the new one has the port.
            report.nodePage = try nodes().last { $0.node == summary.node && $0.page != nil }?.page
        }
        report.connections = try connections(summary.key)
        report.turns = try turns(summary)
        report.toolCalls = try toolCalls(summary.key)
        if withEvents {
            report.events = try events(after: -1, session: summary.id, limit: 100_000)
        }
        return report
    }

    /// How many sessions an id, which may be abbreviated, matches: 0, 1, or 2 for more.
    public func matches(_ id: String) throws(LedgerError) -> Int {
        var count = 0
        try database.query(
            "SELECT id FROM sessions WHERE \(Self.abbreviation) LIMIT 2", [.text(id)]
        ) { _ in count += 1 }
        return count
    }

    /// Whether `?1` may stand for an id.
    private static let abbreviation = "length(?1) > 0 AND substr(id, 1, length(?1)) = ?1"

    /// A tenant's policy at a moment, as `explain` prints it; nil if none was recorded.
    public func policy(of tenant: String, at moment: WallTime) throws(LedgerError) -> String? {
        var text: String?
        try database.query(
            "SELECT text FROM policies WHERE tenant = ? AND loaded_us <= ? "
                + "ORDER BY loaded_us DESC LIMIT 1",
            [.text(tenant), .integer(moment.microseconds)]
        ) { text = $0.text(0) }
        return text
    }

    // MARK: Parts of a session

    private func connections(_ key: Int64) throws(LedgerError) -> [SessionReport.Connection] {
        var connections: [SessionReport.Connection] = []
        try database.query(
            "SELECT number, opened_us, closed_us, code, reason, resumed, model, closed_by FROM connection "
                + "WHERE session = ? ORDER BY number",
            [.integer(key)]
        ) { row in
            var connection = SessionReport.Connection()
            connection.number = Int(row.integer(0))
            connection.opened = WallTime(microseconds: row.integer(1))
            connection.closed = row.time(2)
            connection.code = row.optionalInteger(3).map { Int($0) }
            connection.reason = row.optionalText(4)
            connection.resumed = row.integer(5) != 0
            connection.model = row.text(6)
            connection.closedBy = connection.code == nil ? nil : row.text(7)
            connections.append(connection)
        }
        return connections
    }

    private func turns(_ session: SessionSummary) throws(LedgerError) -> [SessionReport.Turn] {
        var turns: [SessionReport.Turn] = []
        try database.query(
            "SELECT t.number, t.input, t.started_us, t.input_ended_us, t.first_audio_us, "
                + "t.ended_us, t.outcome, user_text, model_text, cost_micro_usd, "
                + "remedy_cost_micro_usd, price_date, stated_total, reports, remedies, tokens, "
                + "\(Self.modelOfTurn) FROM turn t JOIN sessions s ON s.key = t.session "
                + "WHERE t.session = ? ORDER BY t.number",
            [.integer(session.key)]
        ) { row in
            var turn = SessionReport.Turn()
            turn.number = Int(row.integer(0))
            turn.input = row.text(1)
            turn.started = WallTime(microseconds: row.integer(2))
            turn.inputEnded = row.time(3)
            turn.firstAudio = row.time(4)
            turn.ended = row.time(5)
            turn.outcome = row.optionalText(6)
            turn.userText = row.optionalText(7)
            turn.modelText = row.optionalText(8)
            turn.usage = TurnUsage(turn: turn.number)
            turn.usage.cost = row.integer(9)
            turn.usage.remedyCost = row.integer(10)
            turn.usage.priceDate = row.text(11)
            turn.usage.statedTotal = row.optionalInteger(12) ?? -1
            turn.usage.reports = Int(row.integer(13))
            turn.remedies = row.text(14).split(separator: ",").map(String.init)
            TokenText.add(row.text(15), to: &turn.usage.reported, &turn.usage.estimated)
            turn.model = row.text(16)
            turns.append(turn)
        }
        if session.ended == nil, let open = try openTurn(session, after: turns.last) {
            turns.append(open)
        }
        return turns
    }

    private func toolCalls(_ key: Int64) throws(LedgerError) -> [SessionReport.ToolCall] {
        var calls: [SessionReport.ToolCall] = []
        try database.query(
            "SELECT call, name, called_us, answered_us, outcome, arguments, result FROM tool_call "
                + "WHERE session = ? ORDER BY called_us, call",
            [.integer(key)]
        ) { row in
            var call = SessionReport.ToolCall()
            call.id = row.text(0)
            call.name = row.text(1)
            call.called = WallTime(microseconds: row.integer(2))
            call.answered = row.time(3)
            call.outcome = row.text(4)
            call.arguments = row.optionalText(5)
            call.result = row.optionalText(6)
            calls.append(call)
        }
        return calls
    }
}

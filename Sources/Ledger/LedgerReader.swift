public import Basics
import CLinux
import CSQLite
import Usage

/// Reads a ledger's file, also while a server writes it. Used by one thread at a time.
public final class LedgerReader {
    let database: Database

    /// Opens the file for reading only.
    public init(_ path: String) throws(LedgerError) {
        // SAFETY: the path is read during the call.
        guard unsafe access(path, F_OK) == 0 else {
            throw LedgerError("reading \(path)", "there is no such file")
        }
        do {
            database = try Self.open(path, "?mode=ro")
        } catch let error where error.code == SQLITE_CANTOPEN || error.code == SQLITE_READONLY {
            // A read-only directory has no place for the files that readers share; but then nobody
            // writes there either.
            database = try Self.open(path, "?immutable=1")
        }
    }

    private static func open(_ path: String, _ mode: String) throws(LedgerError) -> Database {
        let database = try Database("file:\(escape(path))\(mode)", flags: SQLITE_OPEN_READONLY)
        database.wait(milliseconds: 2000)
        let version = Int(try database.integer("PRAGMA user_version"))
        guard version == Schema.steps.count else {
            throw LedgerError(
                "reading \(path)",
                version == 0
                    ? "it is not a ledger"
                    : "it is a ledger of version \(version), and this program reads "
                        + "\(Schema.steps.count); `turnkeeper serve` brings older ones up to date")
        }
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

    /// What SQLite finds wrong with the file; empty if nothing.
    public func complaints() throws(LedgerError) -> [String] {
        var found: [String] = []
        try database.query("PRAGMA integrity_check") { found.append($0.text(0)) }
        return found == ["ok"] ? [] : found
    }

    // MARK: Sessions

    /// nil if there is no such session. `id` may be abbreviated if that is unambiguous.
    /// - Parameter withEvents: `false` leaves out the timeline, which may be long.
    public func session(
        _ id: String, withEvents: Bool = true
    ) throws(LedgerError) -> SessionReport? {
        var found: [SessionSummary] = []
        try database.query(
            "SELECT \(Self.summaryColumns) FROM sessions WHERE id = ?1 "
                + "OR (length(?1) >= 4 AND substr(id, 1, length(?1)) = ?1) "
                + "ORDER BY id = ?1 DESC LIMIT 2",
            [.text(id)]
        ) { found.append(Self.summary($0)) }
        guard var summary = found.first, found.count == 1 || summary.id == id else { return nil }
        try complete(&summary)
        try tellStates(of: &summary)
        var report = SessionReport()
        report.summary = summary
        report.connections = try connections(summary.key)
        report.turns = try turns(summary)
        report.toolCalls = try toolCalls(summary.key)
        if withEvents {
            report.events = try events(after: -1, session: summary.id, limit: 100_000)
        }
        return report
    }

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
            "SELECT number, input, started_us, input_ended_us, first_audio_us, ended_us, outcome, "
                + "user_text, model_text, cost_micro_usd, remedy_cost_micro_usd, price_date, "
                + "stated_total, reports, remedies, tokens FROM turn WHERE session = ? "
                + "ORDER BY number",
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

extension Row {
    func time(_ column: Int32) -> WallTime? {
        optionalInteger(column).map { WallTime(microseconds: $0) }
    }
}

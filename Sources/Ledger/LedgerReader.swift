public import Basics
import CLinux
import CSQLite
import Usage

/// Reads a ledger's file, also while a server writes it. For one thread at a time.
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
            // A directory that cannot be written has no room for what readers share; then nobody
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

    /// What has a meaning in a URI, percent-encoded.
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

    /// What SQLite finds wrong with the file; empty where it is sound.
    public func complaints() throws(LedgerError) -> [String] {
        var found: [String] = []
        try database.query("PRAGMA integrity_check") { found.append($0.text(0)) }
        return found == ["ok"] ? [] : found
    }

    // MARK: Sessions

    /// nil where there is none of that id. `id` may be cut short where that is unambiguous.
    /// - Parameter withEvents: false leaves the timeline out, which may be long.
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
        var report = SessionReport()
        report.summary = summary
        report.connections = try connections(summary.id)
        report.turns = try turns(summary.id)
        report.toolCalls = try toolCalls(summary.id)
        if withEvents {
            report.events = try events(after: -1, session: summary.id, limit: 100_000)
        }
        return report
    }

    /// What was written of one session, or of all, since the event of a number.
    public func events(
        after number: Int64, session: String? = nil, limit: Int = 1000
    ) throws(LedgerError) -> [TimelineEvent] {
        var events: [TimelineEvent] = []
        try database.query(
            "SELECT number, session, t_us, what, lane, text FROM events WHERE number > ?1 "
                + "AND (?2 IS NULL OR session = ?2) ORDER BY number LIMIT ?3",
            [.integer(number), Value(session), Value(limit)]
        ) { row in
            var event = TimelineEvent()
            event.number = row.integer(0)
            event.session = row.text(1)
            event.at = Interval(nanoseconds: row.integer(2) &* 1000)
            event.what = row.text(3)
            event.lane = row.text(4)
            event.text = row.text(5)
            events.append(event)
        }
        return events
    }

    /// The number of the newest event, -1 where there is none.
    public func newestEvent() throws(LedgerError) -> Int64 {
        try database.integer("SELECT coalesce(max(number), -1) FROM events")
    }

    /// The raw reports of a session: turn, moment, JSON.
    public func receipts(
        _ session: String
    ) throws(LedgerError) -> [(turn: Int, at: WallTime, json: String)] {
        var receipts: [(Int, WallTime, String)] = []
        try database.query(
            "SELECT turn, at_us, json FROM receipts WHERE session = ? ORDER BY number",
            [.text(session)]
        ) {
            receipts.append((Int($0.integer(0)), WallTime(microseconds: $0.integer(1)), $0.text(2)))
        }
        return receipts
    }

    /// The policy a tenant was served with at a moment, as it was explained; nil where none was
    /// kept.
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

    private func connections(_ id: String) throws(LedgerError) -> [SessionReport.Connection] {
        var connections: [SessionReport.Connection] = []
        try database.query(
            "SELECT number, opened_us, closed_us, code, reason, resumed, model FROM connections "
                + "WHERE session = ? ORDER BY number",
            [.text(id)]
        ) { row in
            var connection = SessionReport.Connection()
            connection.number = Int(row.integer(0))
            connection.opened = WallTime(microseconds: row.integer(1))
            connection.closed = row.time(2)
            connection.code = row.optionalInteger(3).map { Int($0) }
            connection.reason = row.optionalText(4)
            connection.resumed = row.integer(5) != 0
            connection.model = row.text(6)
            connections.append(connection)
        }
        return connections
    }

    private func turns(_ id: String) throws(LedgerError) -> [SessionReport.Turn] {
        var turns: [SessionReport.Turn] = []
        try database.query(
            "SELECT number, input, started_us, input_ended_us, first_audio_us, ended_us, outcome, "
                + "user_text, model_text, cost_micro_usd, remedy_cost_micro_usd, price_date, "
                + "stated_total, reports, remedies FROM turns WHERE session = ? ORDER BY number",
            [.text(id)]
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
            turns.append(turn)
        }
        var places: [Int: Int] = [:]
        for (place, turn) in turns.enumerated() { places[turn.number] = place }
        try database.query(
            "SELECT turn, direction, modality, source, count FROM tokens WHERE session = ?",
            [.text(id)]
        ) { row in
            guard let place = places[Int(row.integer(0))] else { return }
            var usage = turns[place].usage
            row.add(to: &usage.reported, &usage.estimated, from: 1)
            turns[place].usage = usage
        }
        return turns
    }

    private func toolCalls(_ id: String) throws(LedgerError) -> [SessionReport.ToolCall] {
        var calls: [SessionReport.ToolCall] = []
        try database.query(
            "SELECT call, name, called_us, answered_us, outcome, arguments FROM tool_calls "
                + "WHERE session = ? ORDER BY called_us, call",
            [.text(id)]
        ) { row in
            var call = SessionReport.ToolCall()
            call.id = row.text(0)
            call.name = row.text(1)
            call.called = WallTime(microseconds: row.integer(2))
            call.answered = row.time(3)
            call.outcome = row.text(4)
            call.arguments = row.optionalText(5)
            calls.append(call)
        }
        return calls
    }
}

extension Row {
    func time(_ column: Int32) -> WallTime? {
        optionalInteger(column).map { WallTime(microseconds: $0) }
    }

    /// Four columns from `column`: direction, modality, source, count.
    func add(
        to reported: inout Tokens, _ estimated: inout Tokens, from column: Int32
    ) {
        let direction = text(column)
        let modality = text(column + 1)
        let count = integer(column + 3)
        if text(column + 2) == "estimated" {
            estimated.add(count, direction: direction, modality: modality)
        } else {
            reported.add(count, direction: direction, modality: modality)
        }
    }
}

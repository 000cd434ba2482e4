import Basics
import Usage

/// The rows of the ledger, with prepared statements.
struct BookRows {
    let policy, session, named, model, connectionsNamed, connectionResumed, connectionClosed,
        troubles: Statement
    let block, log, logTrimmed: Statement
    private let connectionOpened, turn, usage, toolCall, ending, endedConnections,
        endedCalls: Statement
    private let endedTurn: Statement

    /// - Parameter trimming: Deletes rows of the log up to a number.
    init(_ database: Database, trimming: String) throws(LedgerError) {
        policy = try database.statement(
            "INSERT OR REPLACE INTO policies (tenant, loaded_us, text) VALUES (?, ?, ?)")
        session = try database.statement(
            "INSERT INTO sessions (id, tenant, started_us, version, end_user, is_reported) "
                + "VALUES (?, ?, ?, ?, ?, ?)")
        named = try database.statement(
            "UPDATE sessions SET tenant = ?1 WHERE key = ?2 AND tenant = ''")
        model = try database.statement("UPDATE sessions SET model = ? WHERE key = ?")
        // A connection may be opened before the setup says which model it is for.
        connectionsNamed = try database.statement(
            "UPDATE connection SET model = ? WHERE session = ? AND model = ''")
        troubles = try database.statement("UPDATE sessions SET troubles = ? WHERE key = ?")
        connectionOpened = try database.statement(
            "INSERT OR REPLACE INTO connection (session, number, opened_us, resumed, model) "
                + "VALUES (?, ?, ?, ?, ?)")
        connectionClosed = try database.statement(
            "UPDATE connection SET closed_us = ?, code = ?, reason = ?, closed_by = ? "
                + "WHERE session = ? AND number = ? AND closed_us IS NULL")
        connectionResumed = try database.statement(
            "UPDATE connection SET resumed = 1 WHERE session = ? AND number = ?")
        turn = try database.statement(
            """
            INSERT OR REPLACE INTO turn (session, number, input, started_us, input_ended_us,
                first_audio_us, ended_us, outcome, user_text, model_text, remedies,
                cost_micro_usd, remedy_cost_micro_usd, price_date, stated_total, reports, tokens)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        usage = try database.statement(
            """
            INSERT INTO turn (session, number, input, started_us, ended_us, outcome,
                cost_micro_usd, remedy_cost_micro_usd, price_date, stated_total, reports, tokens)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (session, number) DO UPDATE SET cost_micro_usd = excluded.cost_micro_usd,
                remedy_cost_micro_usd = excluded.remedy_cost_micro_usd,
                price_date = excluded.price_date, stated_total = excluded.stated_total,
                reports = excluded.reports, tokens = excluded.tokens
            """)
        // The data recorded with the call is kept if its answer contains less.
        toolCall = try database.statement(
            """
            INSERT INTO tool_call (session, call, name, called_us, answered_us, outcome, arguments,
                result)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (session, call) DO UPDATE SET answered_us = excluded.answered_us,
                outcome = excluded.outcome, arguments = coalesce(excluded.arguments, arguments),
                result = coalesce(excluded.result, result)
            """)
        ending = try database.statement(
            "UPDATE sessions SET tenant = ?, model = ?, started_us = ?, ended_us = ?, "
                + "outcome = ?, close_code = ?, close_reason = ?, end_user = ? WHERE key = ?")
        endedConnections = try database.statement(
            "UPDATE connection SET closed_us = ? WHERE session = ? AND closed_us IS NULL")
        endedCalls = try database.statement(
            "UPDATE tool_call SET outcome = 'lost' WHERE session = ? AND outcome = 'open'")
        endedTurn = try database.statement(
            "UPDATE turn SET outcome = 'lost', ended_us = max(started_us, ?) "
                + "WHERE session = ? AND ended_us IS NULL")
        block = try database.statement(
            "INSERT INTO blocks (number, session, turn, entries) VALUES (?, ?, ?, ?)")
        log = try database.statement("INSERT INTO log (number, entries) VALUES (?, ?)")
        logTrimmed = try database.statement(trimming)
    }

    func write(_ connection: Record.Connection, of key: Int64) throws(LedgerError) {
        try connectionOpened.run([
            .integer(key), Value(connection.number), .integer(connection.opened.microseconds),
            Value(connection.resumed ? 1 : 0), .text(connection.model),
        ])
    }

    func write(_ record: Record.Turn, of key: Int64) throws(LedgerError) {
        try turn.run(
            [
                .integer(key), Value(record.usage.turn), .text(record.input),
                .integer(record.started.microseconds), Value(record.inputEnded?.microseconds),
                Value(record.firstAudio?.microseconds), .integer(record.ended.microseconds),
                .text(record.outcome), Value(record.userText), Value(record.modelText),
                .text(record.remedies.joined(separator: ",")),
            ] + Self.values(record.usage))
    }

    /// Sums of a current turn, of an ended one, or of no turn (0).
    func write(_ sums: TurnUsage, of session: OpenSession) throws(LedgerError) {
        var lead: [Value] = [
            .integer(session.key), Value(sums.turn), .text("none"),
            .integer(session.started.microseconds), .integer(session.started.microseconds),
            .text("silent"),
        ]
        if let turn = session.turn, turn.number == sums.turn {
            lead[2...] = [
                .text(turn.input), .integer(turn.started.microseconds), .null, .null,
            ]
        }
        try usage.run(lead + Self.values(sums))
    }

    /// Sums without their turn's number.
    static func values(_ usage: TurnUsage) -> [Value] {
        var tokens: [UInt8] = []
        TokenText.append(usage, to: &tokens)
        return [
            .integer(usage.cost), .integer(usage.remedyCost), .text(usage.priceDate),
            usage.statedTotal < 0 ? .null : .integer(usage.statedTotal), Value(usage.reports),
            .bytes(tokens),
        ]
    }

    func write(_ call: Record.ToolCall, of key: Int64) throws(LedgerError) {
        try toolCall.run([
            .integer(key), .text(call.id), .text(call.name), .integer(call.called.microseconds),
            Value(call.answered?.microseconds), .text(call.outcome.rawValue),
            Value(call.arguments), Value(call.result),
        ])
    }

    /// - Parameter isOpen: One of its turns has no end, for example because that record was lost.
    func write(_ record: Record.Ending, of key: Int64, isOpen: Bool) throws(LedgerError) {
        try ending.run([
            .text(record.tenant), .text(record.model), .integer(record.started.microseconds),
            .integer(record.ended.microseconds), .text(record.outcome),
            Value(record.closeCode.map(Int64.init)), .text(record.closeReason),
            .text(record.endUser), .integer(key),
        ])
        try endedConnections.run([.integer(record.ended.microseconds), .integer(key)])
        try endedCalls.run([.integer(key)])
        if isOpen { try endedTurn.run([.integer(record.ended.microseconds), .integer(key)]) }
    }
}

extension LedgerStore {
    /// Tidies up after a dead process: the log moves into blocks, and the time of a session's last
    /// entry becomes its end.
    static let closing = """
        BEGIN IMMEDIATE;
        INSERT INTO blocks (number, session, turn, entries)
            SELECT max(n), key, max(CASE what WHEN '.turn' THEN turn END),
                json_group_array(json_array(n, t, what, lane, text, turn))
            FROM (SELECT e.value->>0 AS key, e.value->>1 AS n, e.value->>2 AS t,
                    e.value->>3 AS what, e.value->>4 AS lane, e.value->>5 AS text,
                    e.value->>6 AS turn
                FROM log l, json_each(l.entries) e WHERE e.value->>0 IN (SELECT key FROM sessions)
                ORDER BY l.number, e.key)
            WHERE n > coalesce((SELECT max(number) FROM blocks b WHERE b.session = key), -1)
            GROUP BY key;
        DELETE FROM log;
        CREATE TEMP TABLE left_open AS SELECT s.key, max(s.started_us,
            coalesce((SELECT s.started_us + max(e.value->>1) FROM blocks b, json_each(b.entries) e
                WHERE b.number = (SELECT max(number) FROM blocks WHERE session = s.key)), 0),
            coalesce((SELECT max(coalesce(ended_us, started_us)) FROM turn
                WHERE session = s.key), 0)) AS end_us, s.started_us,
            coalesce((SELECT max(number) FROM turn
                WHERE session = s.key AND ended_us IS NOT NULL), 0) AS last_turn
            FROM sessions s WHERE s.ended_us IS NULL;
        UPDATE sessions SET outcome = 'unfinished', ended_us = (SELECT end_us FROM left_open o
            WHERE o.key = sessions.key) WHERE ended_us IS NULL;
        INSERT OR IGNORE INTO turn (session, number, input, started_us)
            SELECT o.key, e.value->>5, e.value->>4, o.started_us + (e.value->>1)
            FROM left_open o, blocks b, json_each(b.entries) e
            WHERE b.session = o.key AND b.turn > o.last_turn AND e.value->>2 = '.turn'
                AND e.value->>5 > o.last_turn;
        UPDATE turn SET outcome = 'lost', ended_us = max(started_us, (SELECT end_us
            FROM left_open WHERE key = session))
            WHERE ended_us IS NULL AND session IN (SELECT key FROM left_open);
        UPDATE connection SET closed_us = max(opened_us, (SELECT end_us FROM left_open
            WHERE key = session))
            WHERE closed_us IS NULL AND session IN (SELECT key FROM left_open);
        UPDATE tool_call SET outcome = 'lost' WHERE outcome = 'open'
            AND session IN (SELECT key FROM left_open);
        INSERT OR IGNORE INTO notes (id, tenant, event, at_us, session)
            SELECT 'session-' || id, tenant, 'session', end_us, id
            FROM left_open o JOIN sessions s ON s.key = o.key WHERE is_reported;
        DROP TABLE left_open;
        COMMIT;
        """
}

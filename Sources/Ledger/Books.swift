import Basics
import CSQLite
import Usage

/// The writing side of the file: each record to its rows. On the ledger's thread.
final class Books {
    private let database: Database
    private let version: String

    /// Opens, brings up to date, and closes what an earlier process left open.
    /// - Parameter version: of this program, kept with each session.
    init(_ path: String, version: String, pages: Int? = nil) throws(LedgerError) {
        self.version = version
        database = try Database(path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        database.wait(milliseconds: 2000)
        // Freed pages can be given back after retention; only settable while the file is empty.
        try database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        try database.execute("PRAGMA journal_mode = WAL")
        // A process that dies loses nothing by this; a power cut may cost the last commits, never
        // the file.
        try database.execute("PRAGMA synchronous = NORMAL")
        if let pages { try database.execute("PRAGMA max_page_count = \(pages)") }
        try Schema.migrate(database)
        try closeUnfinished()
        // The writer itself waits less: it has a queue to mind.
        database.wait(milliseconds: 200)
    }

    /// The last moment anything was written of each session stands for its end.
    private func closeUnfinished() throws(LedgerError) {
        try database.execute(
            """
            BEGIN IMMEDIATE;
            UPDATE sessions SET outcome = 'unfinished', ended_us = max(
                started_us,
                coalesce((SELECT started_us + max(t_us) FROM events WHERE session = id), 0),
                coalesce((SELECT max(coalesce(ended_us, started_us)) FROM turns
                    WHERE session = id), 0),
                coalesce((SELECT max(at_us) FROM receipts WHERE session = id), 0))
                WHERE ended_us IS NULL;
            UPDATE turns SET outcome = 'lost', ended_us = max(started_us, (SELECT ended_us
                FROM sessions WHERE id = session))
                WHERE ended_us IS NULL AND session IN (SELECT id FROM sessions
                    WHERE outcome = 'unfinished');
            UPDATE connections SET closed_us = max(opened_us, (SELECT ended_us FROM sessions
                WHERE id = session))
                WHERE closed_us IS NULL AND session IN (SELECT id FROM sessions
                    WHERE outcome = 'unfinished');
            UPDATE tool_calls SET outcome = 'lost' WHERE outcome = 'open' AND session IN
                (SELECT id FROM sessions WHERE outcome = 'unfinished');
            COMMIT;
            """)
    }

    /// Writes all of them or, where the file is in the way, none.
    /// - Returns: how many could not be written for reasons of their own.
    func write(_ records: [Record]) throws(LedgerError) -> Int {
        var refused = 0
        do {
            try database.execute("BEGIN IMMEDIATE")
            for record in records {
                do {
                    try write(record)
                } catch let error where !error.isOfTheFile {
                    refused += 1
                }
            }
            try database.execute("COMMIT")
        } catch {
            // Some failures have ended the transaction themselves; then this one fails, harmlessly.
            try? database.execute("ROLLBACK")
            throw error
        }
        return refused
    }

    /// Removes at most `limit` sessions that ended before a moment.
    /// - Returns: how many.
    func forget(before: WallTime, limit: Int) throws(LedgerError) -> Int {
        let aged = "SELECT id FROM sessions WHERE ended_us < ? ORDER BY ended_us LIMIT ?"
        let values = [Value.integer(before.microseconds), Value(limit)]
        do {
            try database.execute("BEGIN IMMEDIATE")
            var removed = 0
            for (table, key) in Schema.perSession {
                try database.statement("DELETE FROM \(table) WHERE \(key) IN (\(aged))").run(values)
                removed = database.changes
            }
            try database.execute("COMMIT")
            try database.execute("PRAGMA incremental_vacuum(1000)")
            return removed
        } catch {
            try? database.execute("ROLLBACK")
            throw error
        }
    }

    // MARK: Rows

    private func write(_ record: Record) throws(LedgerError) {
        switch record {
        case .policyLoaded(let tenant, let at, let text):
            try database.run(
                "INSERT OR REPLACE INTO policies (tenant, loaded_us, text) VALUES (?, ?, ?)",
                .text(tenant), .integer(at.microseconds), .text(text))
        case .sessionOpened(let id, let tenant, let at):
            try database.run(
                "INSERT OR IGNORE INTO sessions (id, tenant, started_us, version) "
                    + "VALUES (?, ?, ?, ?)",
                .text(id), .text(tenant), .integer(at.microseconds), .text(version))
        case .modelNamed(let session, let model):
            try database.run(
                "UPDATE sessions SET model = ? WHERE id = ?", .text(model), .text(session))
        case .connectionOpened(let connection): try write(connection)
        case .connectionClosed(let session, let number, let at, let code, let reason):
            try database.run(
                "UPDATE connections SET closed_us = ?, code = ?, reason = ? "
                    + "WHERE session = ? AND number = ? AND closed_us IS NULL",
                .integer(at.microseconds), Value(code), .text(reason), .text(session),
                Value(number))
        case .turnStarted(let session, let number, let input, let at):
            try database.run(
                "INSERT OR IGNORE INTO turns (session, number, input, started_us) "
                    + "VALUES (?, ?, ?, ?)",
                .text(session), Value(number), .text(input), .integer(at.microseconds))
        case .turnEnded(let turn): try write(turn)
        case .returnKept(let kept): try database.write(kept)
        case .turnUsed(let session, let usage): try update(session, usage)
        case .receipt(let session, let turn, let at, let json):
            try database.run(
                "INSERT INTO receipts (session, turn, at_us, json) VALUES (?, ?, ?, ?)",
                .text(session), Value(turn), .integer(at.microseconds), .text(json))
        case .event(let event):
            try database.run(
                "INSERT INTO events (session, t_us, what, lane, text) VALUES (?, ?, ?, ?, ?)",
                .text(event.session), .integer(event.at.nanoseconds / 1000), .text(event.what),
                .text(event.lane), .text(event.text))
        case .toolCall(let call): try write(call)
        case .sessionEnded(let ending): try write(ending)
        }
    }

    private func write(_ connection: Record.Connection) throws(LedgerError) {
        try database.run(
            "INSERT OR REPLACE INTO connections (session, number, opened_us, resumed, model) "
                + "VALUES (?, ?, ?, ?, ?)",
            .text(connection.session), Value(connection.number),
            .integer(connection.opened.microseconds), Value(connection.resumed ? 1 : 0),
            .text(connection.model))
    }

    private func write(_ turn: Record.Turn) throws(LedgerError) {
        try database.run(
            """
            INSERT OR REPLACE INTO turns (session, number, input, started_us, input_ended_us,
                first_audio_us, ended_us, outcome, user_text, model_text, remedies)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(turn.session), Value(turn.usage.turn), .text(turn.input),
            .integer(turn.started.microseconds), Value(turn.inputEnded?.microseconds),
            Value(turn.firstAudio?.microseconds), .integer(turn.ended.microseconds),
            .text(turn.outcome), Value(turn.userText), Value(turn.modelText),
            .text(turn.remedies.joined(separator: ",")))
        try update(turn.session, turn.usage)
    }

    private func update(_ session: String, _ usage: TurnUsage) throws(LedgerError) {
        if usage.turn == 0 {
            try database.run(
                "INSERT OR IGNORE INTO turns (session, number, input, started_us, ended_us, "
                    + "outcome) SELECT id, 0, 'none', started_us, started_us, 'silent' "
                    + "FROM sessions WHERE id = ?",
                .text(session))
        }
        try database.run(
            "UPDATE turns SET cost_micro_usd = ?, remedy_cost_micro_usd = ?, price_date = ?, "
                + "stated_total = ?, reports = ? WHERE session = ? AND number = ?",
            .integer(usage.cost), .integer(usage.remedyCost), .text(usage.priceDate),
            usage.statedTotal < 0 ? .null : .integer(usage.statedTotal), Value(usage.reports),
            .text(session), Value(usage.turn))
        try database.run(
            "DELETE FROM tokens WHERE session = ? AND turn = ?", .text(session),
            Value(usage.turn))
        for (source, tokens) in [("reported", usage.reported), ("estimated", usage.estimated)] {
            for (direction, modality, count) in tokens.counts where count > 0 {
                try database.run(
                    "INSERT INTO tokens (session, turn, direction, modality, source, count) "
                        + "VALUES (?, ?, ?, ?, ?, ?)",
                    .text(session), Value(usage.turn), .text(direction), .text(modality),
                    .text(source), .integer(count))
            }
        }
    }

    private func write(_ call: Record.ToolCall) throws(LedgerError) {
        // What was kept when it was called stays when its answer says less.
        try database.run(
            """
            INSERT INTO tool_calls (session, call, name, called_us, answered_us, outcome, arguments)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (session, call) DO UPDATE SET answered_us = excluded.answered_us,
                outcome = excluded.outcome, arguments = coalesce(excluded.arguments, arguments)
            """,
            .text(call.session), .text(call.id), .text(call.name),
            .integer(call.called.microseconds), Value(call.answered?.microseconds),
            .text(call.outcome.rawValue), Value(call.arguments))
    }

    private func write(_ ending: Record.Ending) throws(LedgerError) {
        try database.run(
            """
            INSERT INTO sessions (id, tenant, model, started_us, ended_us, outcome, close_code,
                close_reason, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET model = excluded.model, ended_us = excluded.ended_us,
                outcome = excluded.outcome, close_code = excluded.close_code,
                close_reason = excluded.close_reason
            """,
            .text(ending.session), .text(ending.tenant), .text(ending.model),
            .integer(ending.started.microseconds), .integer(ending.ended.microseconds),
            .text(ending.outcome), Value(ending.closeCode.map(Int64.init)),
            .text(ending.closeReason), .text(version))
        try database.run(
            "UPDATE connections SET closed_us = ? WHERE session = ? AND closed_us IS NULL",
            .integer(ending.ended.microseconds), .text(ending.session))
        try database.run(
            "UPDATE tool_calls SET outcome = 'lost' WHERE session = ? AND outcome = 'open'",
            .text(ending.session))
    }
}

extension WallTime {
    var microseconds: Int64 { nanoseconds / 1000 }
    init(microseconds: Int64) { self.init(nanoseconds: microseconds &* 1000) }
}

extension Tokens {
    /// Every count there is, as the table names it.
    var counts: [(direction: String, modality: String, count: Int64)] {
        var counts: [(String, String, Int64)] = []
        for modality in Modality.allCases {
            counts.append(("prompt", modality.rawValue, prompt[modality]))
            counts.append(("response", modality.rawValue, response[modality]))
        }
        counts.append(("thoughts", "", thoughts))
        counts.append(("cached", "", cached))
        counts.append(("tool_use", "", toolUse))
        return counts
    }

    mutating func add(_ count: Int64, direction: String, modality: String) {
        let modality = Modality(rawValue: modality) ?? .other
        switch direction {
        case "prompt": prompt[modality] &+= count
        case "response": response[modality] &+= count
        case "thoughts": thoughts &+= count
        case "cached": cached &+= count
        case "tool_use": toolUse &+= count
        default: break
        }
    }
}

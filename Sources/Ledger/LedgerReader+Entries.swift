public import Basics
import Usage

/// Timelines: settled entries are in the session's blocks, newer ones in the log of all sessions.
extension LedgerReader {
    /// Entries of one session, or of all, after the event with this number, in the order of their
    /// numbers.
    public func events(
        after number: Int64, session: String? = nil, limit: Int = 1000
    ) throws(LedgerError) -> [TimelineEvent] {
        guard let session else { return try allEvents(after: number, limit: limit) }
        var events: [TimelineEvent] = []
        try database.query(
            "SELECT n, t, what, lane, text FROM (\(entries)) AS entry WHERE n > ?2 AND lane != '' "
                + "ORDER BY n LIMIT ?3",
            [Value(try key(of: session)), .integer(number), Value(limit)]
        ) { events.append(Self.event($0, of: session)) }
        return events
    }

    /// Entries of the session ?1 with numbers above ?2, and older ones of the same block.
    private var entries: String {
        """
        SELECT \(columns(from: 0)) FROM blocks b, \(dialect.entries(of: "b"))
            WHERE b.session = ?1 AND b.number > ?2
        UNION ALL
        SELECT \(columns(from: 1)) FROM log l, \(dialect.entries(of: "l"))
            WHERE \(dialect.reaches("?2")) AND \(dialect.isOf("?1")) AND \(dialect.number(1))
            > coalesce((SELECT max(number) FROM blocks WHERE session = ?1), -1)
        """
    }

    /// The parts of an entry by name, starting at the index of its number.
    private func columns(from place: Int) -> String {
        "\(dialect.number(place)) AS n, \(dialect.number(place + 1)) AS t, "
            + "\(dialect.words(place + 2)) AS what, \(dialect.words(place + 3)) AS lane, "
            + "\(dialect.words(place + 4)) AS text, \(dialect.number(place + 5)) AS turn"
    }

    /// Entries of all sessions. An entry may be both in the log and in a block.
    private func allEvents(
        after number: Int64, limit: Int
    ) throws(LedgerError) -> [TimelineEvent] {
        var events: [TimelineEvent] = []
        try database.query(dialect.allEvents, [.integer(number), Value(limit)]) { row in
            events.append(Self.event(row, of: row.text(5)))
        }
        return events
    }

    private static func event(_ row: borrowing Row, of session: String) -> TimelineEvent {
        var event = TimelineEvent()
        event.number = row.integer(0)
        event.session = session
        event.at = Interval(nanoseconds: row.integer(1) &* 1000)
        event.what = row.text(2)
        event.lane = row.text(3)
        event.text = row.text(4)
        return event
    }

    /// The number of the newest entry, which need not be an event; -1 if there is none.
    public func newestEvent() throws(LedgerError) -> Int64 {
        try database.integer(dialect.newestEntry)
    }

    /// The sessions with entries after the event with this number, and the number of the newest
    /// such entry; at most `limit` sessions, in no particular order.
    public func changes(
        after number: Int64, limit: Int
    ) throws(LedgerError) -> (sessions: [String], newest: Int64) {
        let newest = try newestEvent()
        guard newest > number else { return ([], number) }
        var ids: [String] = []
        try database.query(dialect.changedSessions, [.integer(number), Value(limit)]) {
            ids.append($0.text(0))
        }
        return (ids, newest)
    }

    /// The raw usage reports of a session: turn, time, JSON.
    public func receipts(
        _ session: String
    ) throws(LedgerError) -> [(turn: Int, at: WallTime, json: String)] {
        var started = WallTime(nanoseconds: 0)
        var receipts: [(Int, WallTime, String)] = []
        let id = try key(of: session)
        try database.query("SELECT started_us FROM sessions WHERE key = ?", [Value(id)]) {
            started = WallTime(microseconds: $0.integer(0))
        }
        try database.query(
            "SELECT turn, t, text FROM (\(entries)) AS entry WHERE what = '\(Entry.receipt)' "
                + "ORDER BY n", [Value(id), .integer(-1)]
        ) { row in
            let at = started + Interval(nanoseconds: row.integer(1) &* 1000)
            receipts.append((Int(row.integer(0)), at, row.text(2)))
        }
        return receipts
    }

    /// The current turn, which may not have a row yet.
    func openTurn(
        _ session: SessionSummary, after last: SessionReport.Turn?
    ) throws(LedgerError) -> SessionReport.Turn? {
        var found: SessionReport.Turn?
        let newest = last?.number ?? 0
        try database.query(
            """
            SELECT turn, text, t FROM (
                SELECT \(columns(from: 0)) FROM blocks b, \(dialect.entries(of: "b"))
                    WHERE b.session = ?1 AND b.turn > ?2
                UNION ALL
                SELECT \(columns(from: 1)) FROM log l, \(dialect.entries(of: "l"))
                    WHERE \(dialect.reaches("-1")) AND \(dialect.isOf("?1"))) AS found
            WHERE what = '\(Entry.turn)' AND turn > ?2 ORDER BY n DESC LIMIT 1
            """, [.integer(session.key), Value(newest)]
        ) { row in
            var turn = SessionReport.Turn()
            turn.number = Int(row.integer(0))
            turn.input = row.text(1)
            turn.model = session.model
            turn.started = session.started + Interval(nanoseconds: row.integer(2) &* 1000)
            turn.usage = TurnUsage(turn: turn.number)
            found = turn
        }
        return found
    }

    /// The current activity of the live ones among these sessions, from the newest entry of each.
    func tellStates(of sessions: inout [SessionSummary]) throws(LedgerError) {
        let live = sessions.indices.filter { sessions[$0].ended == nil }
        guard !live.isEmpty else { return }
        var places: [Int64: Int] = [:]
        for place in live {
            places[sessions[place].key] = place
            sessions[place].state = .connecting
            sessions[place].stateSince = sessions[place].started
        }
        let words = SessionState.words.map { "'\($0)'" }.joined(separator: ", ")
        var found = sessions
        var progress = [Int64: SessionProgress]()
        func emit(_ key: Int64, _ what: String, _ time: Int64) {
            guard let place = places[key] else { return }
            progress[key, default: SessionProgress()].follow(what)
            guard let state = progress[key]?.state, state != found[place].state else { return }
            found[place].state = state
            found[place].stateSince =
                found[place].started + Interval(nanoseconds: time &* 1000)
        }
        for place in live {
            // Rows of one block are in order, and the newest block with an entry suffices.
            try database.query(
                "SELECT \(dialect.words(2)), \(dialect.number(1)) FROM (SELECT * FROM blocks "
                    + "WHERE session = ?1 ORDER BY number DESC LIMIT 20) b, "
                    + "\(dialect.entries(of: "b")) WHERE \(dialect.words(2)) IN (\(words)) "
                    + "ORDER BY b.number, e.key",
                [.integer(sessions[place].key)]
            ) { emit(sessions[place].key, $0.text(0), $0.integer(1)) }
        }
        try database.query(
            "SELECT \(dialect.keyOfLogged), \(dialect.words(3)), \(dialect.number(2)) "
                + "FROM log l, \(dialect.entries(of: "l")) WHERE \(dialect.reaches("-1")) "
                + "AND \(dialect.words(3)) IN (\(words)) ORDER BY l.number, e.key"
        ) { emit($0.integer(0), $0.text(1), $0.integer(2)) }
        sessions = found
    }

    func tellStates(of session: inout SessionSummary) throws(LedgerError) {
        var one = [session]
        try tellStates(of: &one)
        session = one[0]
    }

    private func key(of session: String) throws(LedgerError) -> Int64 {
        try database.integer(
            "SELECT coalesce((SELECT key FROM sessions WHERE id = ?), -1)", [.text(session)])
    }
}

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
            "SELECT n, t, what, lane, text FROM (\(Self.entries)) WHERE n > ?2 AND lane != '' "
                + "ORDER BY n LIMIT ?3",
            [Value(try key(of: session)), .integer(number), Value(limit)]
        ) { events.append(Self.event($0, of: session)) }
        return events
    }

    /// Entries of the session ?1 with numbers above ?2, and older ones of the same block.
    private static let entries = """
        SELECT e.value->>0 AS n, e.value->>1 AS t, e.value->>2 AS what, e.value->>3 AS lane,
            e.value->>4 AS text, e.value->>5 AS turn
            FROM blocks b, json_each(b.entries) e WHERE b.session = ?1 AND b.number > ?2
        UNION ALL
        SELECT e.value->>1, e.value->>2, e.value->>3, e.value->>4, e.value->>5, e.value->>6
            FROM log l, json_each(l.entries) e WHERE l.number > ?2 AND e.value->>0 = ?1
            AND e.value->>1 > coalesce((SELECT max(number) FROM blocks WHERE session = ?1), -1)
        """

    /// Entries of all sessions. An entry may be both in the log and in a block.
    private func allEvents(
        after number: Int64, limit: Int
    ) throws(LedgerError) -> [TimelineEvent] {
        var events: [TimelineEvent] = []
        try database.query(
            """
            SELECT n, t, what, lane, text, id FROM (
                SELECT e.value->>0 AS n, e.value->>1 AS t, e.value->>2 AS what,
                    e.value->>3 AS lane, e.value->>4 AS text, b.session AS session
                    FROM blocks b, json_each(b.entries) e WHERE b.number > ?1
                UNION SELECT e.value->>1, e.value->>2, e.value->>3, e.value->>4, e.value->>5,
                    e.value->>0 FROM log l, json_each(l.entries) e WHERE l.number > ?1)
            JOIN sessions ON key = session WHERE n > ?1 AND lane != '' ORDER BY n LIMIT ?2
            """, [.integer(number), Value(limit)]
        ) { events.append(Self.event($0, of: $0.text(5))) }
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
        try database.integer(
            "SELECT max(coalesce((SELECT max(number) FROM log), -1), "
                + "coalesce((SELECT max(number) FROM blocks), -1))")
    }

    /// The sessions with entries after the event with this number, and the number of the newest
    /// such entry; at most `limit` sessions, in no particular order.
    public func changes(
        after number: Int64, limit: Int
    ) throws(LedgerError) -> (sessions: [String], newest: Int64) {
        let newest = try newestEvent()
        guard newest > number else { return ([], number) }
        var ids: [String] = []
        try database.query(
            "SELECT id FROM sessions WHERE key IN (SELECT session FROM blocks WHERE number > ?1 "
                + "UNION SELECT e.value->>0 FROM log l, json_each(l.entries) e "
                + "WHERE l.number > ?1 AND e.value->>1 > ?1) LIMIT ?2",
            [.integer(number), Value(limit)]
        ) { ids.append($0.text(0)) }
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
            "SELECT turn, t, text FROM (\(Self.entries)) WHERE what = '\(Entry.receipt)' "
                + "ORDER BY n", [Value(id), .integer(-1)]
        ) { row in
            let at = started + Interval(nanoseconds: row.integer(1) &* 1000)
            receipts.append((Int(row.integer(0)), at, row.text(2)))
        }
        return receipts
    }

    /// The current turn, which need not have a row yet.
    func openTurn(
        _ session: SessionSummary, after last: SessionReport.Turn?
    ) throws(LedgerError) -> SessionReport.Turn? {
        var found: SessionReport.Turn?
        let newest = last?.number ?? 0
        try database.query(
            """
            SELECT turn, text, t FROM (
                SELECT e.value->>0 AS n, e.value->>1 AS t, e.value->>2 AS what,
                    e.value->>4 AS text, e.value->>5 AS turn
                    FROM blocks b, json_each(b.entries) e WHERE b.session = ?1 AND b.turn > ?2
                UNION ALL
                SELECT e.value->>1, e.value->>2, e.value->>3, e.value->>5, e.value->>6
                    FROM log l, json_each(l.entries) e WHERE e.value->>0 = ?1)
            WHERE what = '\(Entry.turn)' AND turn > ?2 ORDER BY n DESC LIMIT 1
            """, [.integer(session.key), Value(newest)]
        ) { row in
            var turn = SessionReport.Turn()
            turn.number = Int(row.integer(0))
            turn.input = row.text(1)
            turn.started = session.started + Interval(nanoseconds: row.integer(2) &* 1000)
            turn.usage = TurnUsage(turn: turn.number)
            found = turn
        }
        return found
    }

    /// The current activity of those of these sessions that are live, from the newest entry of
    /// each.
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
        func tell(_ key: Int64, _ what: String, _ time: Int64) {
            guard let place = places[key], let state = SessionState(after: what) else { return }
            found[place].state = state
            found[place].stateSince =
                found[place].started + Interval(nanoseconds: time &* 1000)
        }
        for place in live {
            // Rows of one block are in order, and the newest block with an entry suffices.
            try database.query(
                "SELECT e.value->>2, e.value->>1 FROM (SELECT * FROM blocks WHERE session = ?1 "
                    + "ORDER BY number DESC LIMIT 20) b, json_each(b.entries) e "
                    + "WHERE e.value->>2 IN (\(words)) ORDER BY b.number, e.key",
                [.integer(sessions[place].key)]
            ) { tell(sessions[place].key, $0.text(0), $0.integer(1)) }
        }
        try database.query(
            "SELECT e.value->>0, e.value->>3, e.value->>2 FROM log l, json_each(l.entries) e "
                + "WHERE e.value->>3 IN (\(words)) ORDER BY l.number, e.key"
        ) { tell($0.integer(0), $0.text(1), $0.integer(2)) }
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

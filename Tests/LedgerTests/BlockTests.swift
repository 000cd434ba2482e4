import Basics
import CSQLite
import Testing
import Usage

@testable import Ledger

@Suite("A turn is one row, its timeline a block")
struct BlockTests {
    private func event(_ session: String, _ t: Double, _ what: String) -> Record {
        .event(
            Record.Event(
                session: session, at: Interval(nanoseconds: Int64(t * 1e9)), what: what,
                lane: "gemini", text: "\(what) \"\\\n\u{1}\u{1F642}"))
    }

    @Test(
        "sums, a start and an end that come together are written once")
    func onceATurn() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        ledger.append(.sessionOpened(id: "s1", tenant: "acme", at: at(0)))
        ledger.flush()
        try shelf.database().execute(
            "CREATE TABLE writes (what TEXT); "
                + "CREATE TRIGGER a AFTER INSERT ON turn BEGIN INSERT INTO writes VALUES ('i'); END; "
                + "CREATE TRIGGER b AFTER UPDATE ON turn BEGIN INSERT INTO writes VALUES ('u'); END; "
                + "CREATE TRIGGER c AFTER INSERT ON blocks BEGIN INSERT INTO writes VALUES ('b'); END"
        )
        for number in 1...20 {
            ledger.append(.turnStarted(session: "s1", number: number, input: "audio", at: at(1)))
            for _ in 0..<5 { ledger.append(event("s1", 1, "output_transcription")) }
            ledger.flush()
            ledger.append(.turnUsed(session: "s1", usage(number, audioIn: 1)))
            ledger.append(
                .turnEnded(
                    Record.Turn(
                        session: "s1", input: "audio", started: at(1), ended: at(2),
                        outcome: "answered", usage: usage(number, audioIn: 2))))
            ledger.flush()
        }
        ledger.close()
        let database = try shelf.database()
        #expect(try database.integer("SELECT count(*) FROM writes WHERE what = 'i'") == 20)
        #expect(try database.integer("SELECT count(*) FROM writes WHERE what = 'u'") == 0)
        #expect(try database.integer("SELECT count(*) FROM writes WHERE what = 'b'") == 20)
        #expect(try shelf.reader().session("s1")?.summary.cost == 20 * 6)
        #expect(try shelf.reader().session("s1")?.events.count == 100)
    }

    @Test(
        "entries that are only in the log are read like those in blocks",
        arguments: Store.all)
    func live(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        for id in ["s1", "s2"] {
            ledger.append(.sessionOpened(id: id, tenant: "acme", at: at(0)))
            ledger.append(event(id, 0.5, "setup_completed"))
            ledger.append(.turnStarted(session: id, number: 1, input: "audio", at: at(1)))
            ledger.append(event(id, 1, "turn_started"))
            ledger.append(event(id, 1.5, "stalled"))
            ledger.append(.receipt(session: id, turn: 1, at: at(2), json: "{}"))
        }
        ledger.flush()
        let reader = try shelf.reader()
        let report = try #require(try reader.session("s1"))
        #expect(report.turns.map(\.number) == [1])
        #expect(report.turns.map(\.started) == [at(1)])
        #expect(report.turns.map(\.ended) == [nil])
        #expect(report.turns.map(\.input) == ["audio"])
        #expect(report.summary.state == .stalled)
        #expect(report.summary.stateSince == at(1.5))
        #expect(report.summary.troubles == [RemedyCount(what: "stalled", count: 1)])
        #expect(report.events.map(\.what) == ["setup_completed", "turn_started", "stalled"])
        #expect(report.events.first?.text == "setup_completed \"\\\n\u{1}\u{1F642}")
        #expect(try reader.receipts("s1").map(\.turn) == [1])
        #expect(try reader.receipts("s1").map(\.at) == [at(2)])
        let all = try reader.events(after: -1)
        #expect(all.map(\.session) == ["s1", "s1", "s1", "s2", "s2", "s2"])
        #expect(try Set(reader.changes(after: all[2].number, limit: 9).sessions) == ["s1", "s2"])
        #expect(try Set(reader.changes(after: all[3].number - 1, limit: 9).sessions) == ["s2"])
        var query = SessionQuery()
        query.wasInTrouble = true
        #expect(try reader.sessions(query).sessions.map(\.id).sorted() == ["s1", "s2"])
        #expect(try reader.sessions(query).sessions.map(\.state) == [.stalled, .stalled])
        // Once the turn has ended they stand in a block, and are told once.
        ledger.append(
            .turnEnded(
                Record.Turn(
                    session: "s1", input: "audio", started: at(1), ended: at(3),
                    outcome: "answered", usage: usage(1, audioIn: 2))))
        ledger.append(event("s1", 3, "turn_ended"))
        ledger.flush()
        #expect(try shelf.database().integer("SELECT count(*) FROM blocks") == 1)
        #expect(try reader.session("s1")?.events.count == 4)
        #expect(try reader.session("s1")?.summary.state == .idle)
        #expect(try reader.session("s1")?.turns.map(\.outcome) == ["answered"])
        #expect(try reader.events(after: -1).count == 7)
        #expect(try reader.receipts("s1").count == 1)
        let own = try reader.events(after: -1, session: "s1")
        #expect(try reader.events(after: own[1].number, session: "s1").count == 2)
        ledger.close()
    }

    @Test("a failed transaction loses nothing of a turn")
    func takenBack() throws {
        let shelf = try Shelf()
        let store = try LedgerStore(shelf.path, version: "1.0")
        store.database.wait(milliseconds: 0)
        let now = Instant(nanoseconds: 1)
        let records = [
            .sessionOpened(id: "s1", tenant: "acme", at: at(0)), event("s1", 1, "set_up"),
            Record.turnStarted(session: "s1", number: 1, input: "text", at: at(1)),
        ]
        let other = try shelf.database()
        try other.execute("BEGIN IMMEDIATE")
        for _ in 0..<3 {
            #expect(throws: LedgerError.self) { try store.write(records, at: now) }
        }
        try other.execute("ROLLBACK")
        #expect(try store.write(records, at: now) == 0)
        #expect(try store.write([event("s1", 2, "stalled")], at: now, closing: true) == 0)
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.events.map(\.what) == ["set_up", "stalled"])
        #expect(report.turns.count == 1)
    }

    @Test("the log contains what is not in blocks, and the last seconds")
    func trimmed() throws {
        let shelf = try Shelf()
        let store = try LedgerStore(shelf.path, version: "1.0")
        func write(_ second: Int64) throws {
            _ = try store.write(
                [event("s1", 1, "nudged"), event("s2", 1, "nudged")],
                at: Instant(nanoseconds: second * 1_000_000_000))
        }
        for second in 1...60 { try write(Int64(second)) }
        let database = try shelf.database()
        let rows = try database.integer("SELECT count(*) FROM log")
        #expect(rows >= 10 && rows <= 25, "\(rows)")
        #expect(try shelf.reader().events(after: -1, session: "s1").count == 60)
        #expect(try shelf.reader().events(after: -1).count == 120)
        #expect(
            try shelf.reader().sessions(["s1"]).first?.troubles
                == [RemedyCount(what: "nudged", count: 60)])
    }

    @Test("tokens of every kind read back from their column as they were")
    func tokens() {
        var usage = TurnUsage(turn: 1)
        var count: Int64 = 1
        for modality in Modality.allCases {
            for path in [\TurnUsage.reported, \TurnUsage.estimated] {
                usage[keyPath: path].prompt[modality] = count
                usage[keyPath: path].response[modality] = count * 3
                count *= 7
            }
        }
        usage.reported.thoughts = 11
        usage.estimated.cached = .max
        usage.reported.toolUse = 13
        var column: [UInt8] = []
        TokenText.append(usage, to: &column)
        var (reported, estimated) = (Tokens(), Tokens())
        TokenText.add(text(column) + " zz5 p pa ~ x", to: &reported, &estimated)
        #expect(reported == usage.reported)
        #expect(estimated == usage.estimated)
    }

    @Test("a file of version 4 keeps all its content")
    func fromVersion4() throws {
        let shelf = try Shelf()
        do {
            let old = try Database(shelf.path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
            try Schema.migrate(old, to: 4)
            let started = at(0).microseconds
            try old.execute(
                """
                INSERT INTO sessions VALUES
                    ('s1', 'acme', 'm', \(started), \(started + 9), 'completed', 1000, 'bye', 'v');
                INSERT INTO sessions (id, tenant, started_us) VALUES ('s2', 'acme', \(started));
                INSERT INTO connections VALUES ('s1', 1, \(started), NULL, 1011, 'gone', 0, 'm');
                INSERT INTO turns (session, number, input, started_us, ended_us, outcome,
                    cost_micro_usd, remedies) VALUES
                    ('s1', 1, 'audio', \(started), \(started + 5), 'answered', 77, 'nudge'),
                    ('s2', 1, 'text', \(started), NULL, NULL, 0, '');
                INSERT INTO tokens VALUES ('s1', 1, 'prompt', 'audio', 'reported', 50),
                    ('s1', 1, 'thoughts', '', 'estimated', 7);
                INSERT INTO tool_calls VALUES ('s1', 'c1', 'find', 1, NULL, 'open', NULL);
                INSERT INTO receipts VALUES (1, 's1', 1, \(started + 2000000), '{"a":"b"}');
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
                    INSERT INTO events SELECT i, iif(i % 2, 's1', 's2'), i,
                        iif(i = 5, 'stalled', 'set_up'), 'gemini', 'line "' || i || '"' FROM n;
                """)
        }
        try shelf.open().close()
        let reader = try shelf.reader()
        let report = try #require(try reader.session("s1"))
        #expect(report.summary.closeReason == "bye")
        #expect(report.summary.troubles == [RemedyCount(what: "stalled", count: 1)])
        #expect(report.connections.map(\.code) == [1011])
        #expect(report.turns.map(\.usage.cost) == [77])
        #expect(report.turns.map(\.usage.reported.prompt.audio) == [50])
        #expect(report.turns.map(\.usage.estimated.thoughts) == [7])
        #expect(report.toolCalls.map(\.id) == ["c1"])
        #expect(report.events.map(\.number) == (0..<225).map { Int64($0) * 2 + 1 })
        #expect(report.events.last?.text == #"line "449""#)
        #expect(try reader.receipts("s1").map(\.json) == [#"{"a":"b"}"#])
        #expect(try reader.receipts("s1").map(\.at) == [at(2)])
        // SQL queries find sessions by their ids.
        let turns = "SELECT cost_micro_usd FROM turns WHERE session = 's1'"
        #expect(try shelf.database().integer(turns) == 77)
        let second = try #require(try reader.session("s2"))
        #expect(second.summary.outcome == "unfinished")
        #expect(second.turns.map(\.outcome) == ["lost"])
    }
}

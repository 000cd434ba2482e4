import Basics
import CSQLite
import Foundation
import Testing
import Usage

@testable import Ledger

@Suite("Books in PostgreSQL", .enabled(if: TestPostgres.programs != nil))
struct PostgresTests {
    private func event(_ session: String, _ t: Double, _ what: String = "set_up") -> Record {
        .event(
            Record.Event(
                session: session, at: Interval(nanoseconds: Int64(t * 1e9)), what: what,
                lane: "client", text: "\(what) \"\\\u{1}\u{1F642}"))
    }

    private func count(_ table: String, _ database: some LedgerDatabase) throws -> Int64 {
        try database.integer("SELECT count(*) FROM \(table)")
    }

    /// Nobody can connect, and who is connected no longer is; or all can again.
    private func cut(_ shelf: Shelf, _ isCut: Bool) throws {
        let name = try #require(shelf.address).text.split(separator: "/").last ?? ""
        let other = try Shelf(.postgres).postgres()
        try other.run("ALTER DATABASE \(name) ALLOW_CONNECTIONS \(!isCut)")
        if isCut {
            try other.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
        }
    }

    @Test("have what a file has, however they are asked")
    func equal() throws {
        var found: [(SessionReport, [SessionSummary], [String])] = []
        for store in Store.all {
            let shelf = try Shelf(store)
            let ledger = try shelf.open()
            ledger.append(.policyLoaded(tenant: "acme", at: at(0), text: "budget.day_usd: 2"))
            for id in ["s1", "s2"] {
                for record in conversation(id) { ledger.append(record) }
                ledger.append(.connectionResumed(session: id, number: 1))
                ledger.append(event(id, 9, "stalled"))
            }
            ledger.append(.sessionOpened(id: "s3", tenant: "b*", at: at(3), endUser: "someone"))
            ledger.append(.turnStarted(session: "s3", number: 1, input: "audio", at: at(4)))
            ledger.append(event("s3", 4, "turn_started"))
            ledger.flush()
            let reader = try shelf.reader()
            var report = try #require(try reader.session("s1"))
            report.summary.key = 0
            #expect(report.summary.node.isEmpty == (store == .sqlite))
            report.summary.node = ""
            for place in report.events.indices {
                report.events[place].number = 0
            }
            var answers: [String] = []
            for change: (inout SessionQuery) -> Void in [
                { $0.order = .cost }, { $0.order = .remedies }, { $0.order = .length },
                { $0.order = .firstSound }, { $0.words = "good MORNING" }, { $0.text = "1000" },
                { $0.text = "10" }, { $0.text = "morn" }, { $0.text = "s" }, { $0.tenant = "ac*" },
                { $0.model = "3.8" }, { $0.closeCode = 1000 }, { $0.closeCodeStart = "10" },
                { $0.outcome = "comp*" }, { $0.outcome = "live" }, { $0.isLive = false },
                { $0.wasInTrouble = true }, { $0.since = at(1) }, { $0.until = at(1) },
            ] {
                var query = SessionQuery()
                change(&query)
                answers.append("\(try reader.sessions(query).sessions.map(\.id))")
            }
            for by in ["tenant+model", "day", "month", "session+end-user"] {
                for tenant in [nil, "acme"] {
                    let rows = try reader.usage(
                        by: try #require(UsageGrouping(by)), until: at(100), tenant: tenant)
                    answers.append(
                        "\(rows.map { ($0.tenant, $0.day, $0.month, $0.endUser, $0.sessions, $0.turns, $0.cost, $0.reported, $0.estimated) })"
                    )
                }
            }
            answers.append("\(try reader.liveStates())")
            answers.append("\(try reader.receipts("s2").map { ($0.turn, $0.at, $0.json) })")
            answers.append("\(String(describing: try reader.policy(of: "acme", at: at(1))))")
            answers.append("\(try reader.session("s3")?.turns.map(\.started) as Any)")
            found.append(
                (
                    report,
                    try reader.sessions().map {
                        var summary = $0
                        summary.key = 0
                        summary.node = ""
                        return summary
                    }, answers
                ))
            ledger.close()
        }
        #expect(found.count == 2)
        #expect(found[0].0 == found[1].0)
        #expect(found[0].1 == found[1].1)
        #expect(found[0].2 == found[1].2)
    }

    @Test("have another character where a text has a zero, which PostgreSQL's cannot have")
    func zeros() throws {
        let shelf = try Shelf(.postgres)
        let ledger = try shelf.open()
        var ending = Record.Ending(
            session: "s1", tenant: "acme", model: "a\u{0}b", started: at(0), ended: at(9),
            outcome: "completed")
        ending.closeReason = #"\u0000"#
        ledger.append(
            .event(
                Record.Event(
                    session: "s1", at: .seconds(1), what: "set_up", lane: "client",
                    text: "a\u{0}b\\u0000")))
        ledger.append(.sessionEnded(ending))
        ledger.close()
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.summary.model == "a\u{FFFD}b")
        #expect(report.summary.closeReason == #"\u0000"#)
        #expect(report.events.map(\.text) == ["a\u{FFFD}b\\u0000"])
    }

    @Test("have each row once, however often it is sent")
    func sentAgain() throws {
        let shelf = try Shelf(.postgres)
        try PostgresSchema.migrate(shelf.postgres())
        let store = try LedgerStore(shelf.path, version: "1.0", isSpool: true)
        _ = try store.write(
            conversation("s1") + [event("s2", 1)], at: Instant(nanoseconds: 1), closing: true)
        let spool = try shelf.database()
        var cargo = try Cargo(from: spool, of: Cargo.Owner(node: "one", spool: "s"), eldest: 1)
        #expect(try cargo.load(1000) > 5)
        for _ in 0..<3 { try cargo.send(to: shelf.postgres()) }
        try cargo.settle()
        #expect(try cargo.load(1000) == 0)
        let postgres = try shelf.postgres()
        #expect(try count("sessions", postgres) == 2)
        #expect(try count("keys", postgres) == 2)
        #expect(try count("turn", postgres) == 2)
        #expect(try count("blocks", postgres) == count("blocks", spool))
        #expect(try count("log", postgres) == 1)
        // As many as there are entries, from 0.
        #expect(
            try postgres.integer("SELECT number FROM position")
                == postgres.integer("SELECT sum(count) - 1 FROM log"))
    }

    @Test("have each row once after an outage, in order, and no caller waited")
    func outage() throws {
        let shelf = try Shelf(.postgres)
        let ledger = try shelf.open()
        for record in conversation("s1") { ledger.append(record) }
        ledger.append(.sessionOpened(id: "s2", tenant: "acme", at: at(0)))
        ledger.flush()
        try cut(shelf, true)
        for number in 1...50 {
            for record in conversation("cut\(number)") { ledger.append(record) }
            ledger.append(event("s2", Double(number)))
        }
        ledger.flush()
        #expect(ledger.condition.outage != nil)
        #expect(ledger.condition.trouble == nil)
        #expect(ledger.condition.behind > 50)
        #expect(ledger.condition.queued == ledger.condition.behind)
        try cut(shelf, false)
        ledger.append(ended("s2", at: 99))
        until {
            ledger.flush()
            return ledger.condition.outage == nil
        }
        #expect(ledger.condition == Ledger.Condition())
        ledger.close()
        let reader = try shelf.reader()
        #expect(try reader.sessions(limit: 100).count == 52)
        #expect(
            try reader.session("s2")?.events.map(\.at.nanoseconds)
                == (1...50).map { $0 * 1_000_000_000 })
        #expect(try reader.usage(by: .tenant).first?.turns == 102)
        let log = try reader.events(after: -1, limit: 10_000)
        #expect(log.count == 51 * 5 + 50)
        #expect(log.map(\.number) == log.map(\.number).sorted())
    }

    @Test(
        "wait on a disk that is bounded: what does not fit is lost and counted, and the rest is sent"
    )
    func bounded() throws {
        let shelf = try Shelf(.postgres)
        let ledger = try shelf.open {
            $0.pages = 300
            $0.capacity = 400
        }
        ledger.append(.sessionOpened(id: "s1", tenant: "acme", at: at(0)))
        ledger.flush()
        try cut(shelf, true)
        for round in 0..<20 {
            for number in 0..<100 {
                let text = String(repeating: "x", count: 1000)
                ledger.append(.receipt(session: "s1", turn: 1, at: at(1), json: text))
                if number == 0 { ledger.append(ended("e\(round)")) }
            }
            ledger.flush()
        }
        let condition = ledger.condition
        #expect(condition.trouble?.contains("full") == true)
        #expect(condition.outage != nil)
        #expect(condition.lost > 500)
        #expect(condition.queued - condition.behind <= 400)
        try cut(shelf, false)
        ledger.close()
        // Each was written or is counted.
        let reader = try shelf.reader()
        let written = try reader.receipts("s1").count + reader.sessions().count - 1
        #expect(written > 300)
        #expect(written + ledger.condition.lost == 20 * 101)
    }

    @Test("a text's zeros become a mark; bytes are kept as they are, or refused")
    func zeroBytes() throws {
        let postgres = try Shelf(.postgres).postgres()
        func asked(_ value: Value) throws(LedgerError) -> String {
            var found = ""
            try postgres.query("SELECT encode(convert_to(?::text, 'UTF8'), 'hex')", [value]) {
                found = $0.text(0)
            }
            return found
        }
        #expect(try asked(.text("a\0b")) == "61efbfbd62")
        #expect(try asked(.bytes(Array("a\u{1}ü".utf8))) == "6101c3bc")
        do {
            Issue.record("took \(try asked(.bytes([0x61, 0, 0x62])))")
        } catch {
            #expect(error.isOfTheRows)
        }
    }

    @Test("have each row once though connections die in the middle, with two nodes at once")
    func killed() throws {
        let shelf = try Shelf(.postgres)
        let other = try Shelf()
        var ledgers: [Ledger] = []
        for (place, path) in [shelf.path, other.path].enumerated() {
            var options = Ledger.Options()
            options.remote = Ledger.Remote(try #require(shelf.address), node: "node\(place)")
            ledgers.append(try Ledger.open(path, options).get())
        }
        let killer = try shelf.postgres()
        for round in 0..<40 {
            for (place, ledger) in ledgers.enumerated() {
                for number in 0..<5 {
                    for record in conversation("s\(place)-\(round)-\(number)") {
                        ledger.append(record)
                    }
                }
            }
            try killer.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    + "WHERE datname = current_database() AND pid != pg_backend_pid()")
            if round % 4 == 0 { for ledger in ledgers { ledger.flush() } }
        }
        for ledger in ledgers {
            // The last one killed may have been a connection that was just being made.
            until {
                ledger.flush()
                return ledger.condition.outage == nil
            }
            #expect(ledger.condition == Ledger.Condition())
            ledger.close()
        }
        let postgres = try shelf.postgres()
        #expect(try count("sessions", postgres) == 400)
        #expect(try count("turn", postgres) == 800)
        #expect(try count("tool_call", postgres) == 400)
        let sums = try #require(try shelf.reader().usage(by: .tenant).first)
        #expect(sums.turns == 800)
        // Numbers over both nodes are without gap.
        let numbers = try shelf.reader().events(after: -1, limit: 10_000).count
        #expect(numbers == 400 * 5)
        #expect(
            try postgres.integer("SELECT number FROM position")
                == postgres.integer("SELECT sum(count) - 1 FROM log"))
    }

    @Test("lose alone a row that PostgreSQL does not take, and it is counted")
    func refused() throws {
        let shelf = try Shelf(.postgres)
        let ledger = try shelf.open()
        try shelf.postgres().run(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'no such tenant' USING ERRCODE = '22000'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON sessions FOR EACH ROW
                WHEN (new.tenant = 'bad') EXECUTE FUNCTION refuse()
            """)
        for number in 0..<40 {
            ledger.append(ended("s\(number)", tenant: number == 17 ? "bad" : "acme"))
        }
        until {
            ledger.flush()
            return ledger.condition.lost > 0 && ledger.condition.behind == 0
        }
        #expect(ledger.condition.lost == 1)
        #expect(ledger.condition.outage == nil)
        #expect(ledger.takeNotices().contains { $0.contains("no such tenant") })
        #expect(try shelf.reader().sessions(limit: 100).count == 39)
        ledger.close()
    }
}

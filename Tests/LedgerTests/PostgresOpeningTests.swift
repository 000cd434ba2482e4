import Basics
import Foundation
import Testing

@testable import Ledger

@Suite("Opening PostgreSQL", .enabled(if: TestPostgres.programs != nil))
struct PostgresOpeningTests {
    private func complaint(_ shelf: Shelf) -> String? {
        var options = Ledger.Options()
        options.remote = shelf.address.map { Ledger.Remote($0, node: "one") }
        switch Ledger.open(shelf.path, options) {
        case .success(let ledger):
            ledger.close()
            return nil
        case .failure(let error): return error.description
        }
    }

    @Test("a later version that says so is refused in one line; one that only adds is not")
    func later() throws {
        let shelf = try Shelf(.postgres)
        #expect(complaint(shelf) == nil)
        let postgres = try shelf.postgres()
        try postgres.run("UPDATE version SET number = 99")
        #expect(complaint(shelf) == nil)
        _ = try shelf.reader()
        try postgres.run("UPDATE version SET oldest = 98")
        let line = try #require(complaint(shelf))
        #expect(line.contains("version 99 is newer than this program's") && !line.contains("\n"))
        #expect(throws: LedgerError.self) { try shelf.reader() }
        #expect(try postgres.integer("SELECT number FROM version") == 99)
    }

    @Test(
        "what cannot be written is refused in one line, or waited for, also where there are tables",
        arguments: [false, true])
    func readOnly(hasTables: Bool) throws {
        let shelf = try Shelf(.postgres)
        if hasTables { try shelf.open().close() }
        let name = try #require(shelf.address).text.split(separator: "/").last ?? ""
        try shelf.postgres().run(
            "ALTER DATABASE \(name) SET default_transaction_read_only TO on")
        let line = try #require(complaint(shelf))
        #expect(line.contains("read-only") && !line.contains("\n"))
        let ledger = try shelf.open { $0.remote?.isRequired = false }
        for record in conversation("s1") { ledger.append(record) }
        ledger.flush()
        #expect(ledger.condition.outage?.contains("read-only") == true)
        let other = try Shelf(.postgres).postgres()
        try other.run("ALTER DATABASE \(name) RESET default_transaction_read_only")
        try other.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
        until {
            ledger.flush()
            return ledger.condition.outage == nil
        }
        ledger.close()
        #expect(try shelf.reader().session("s1")?.turns.count == 2)
    }

    @Test("many nodes may make the tables at once")
    func together() async throws {
        for _ in 0..<5 {
            let shelf = try Shelf(.postgres)
            let address = try #require(shelf.address)
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask { try PostgresSchema.migrate(Postgres(address, for: .writing)) }
                }
                try await group.waitForAll()
            }
            #expect(complaint(shelf) == nil)
        }
    }

    @Test("two nodes of one name are told once")
    func namesakes() throws {
        let shelf = try Shelf(.postgres)
        let first = try shelf.open()
        first.append(ended("s1"))
        first.flush()
        let other = try Shelf()
        var options = Ledger.Options()
        options.remote = Ledger.Remote(try #require(shelf.address), node: "one")
        let second = try Ledger.open(other.path, options).get()
        second.append(ended("s2"))
        second.flush()
        #expect(second.takeNotices().contains { $0.contains("give each its own --node") })
        #expect(second.takeNotices().isEmpty)
        #expect(first.takeNotices().isEmpty)
        second.close()
        first.close()
        #expect(try shelf.reader().sessions().count == 2)
    }

    @Test("of two nodes of one name neither closes the other's sessions")
    func namesakesSessions() throws {
        let shelf = try Shelf(.postgres)
        try PostgresSchema.migrate(shelf.postgres())
        let other = try Shelf()
        let store = try LedgerStore(other.path, version: "1.0", isSpool: true)
        _ = try store.write([ended("s1")], at: Instant(nanoseconds: 1))
        let remote = Ledger.Remote(try #require(shelf.address), node: "one")
        /// Looks at once for sessions to close, as a node does every minute.
        func look() throws {
            var courier = try Courier(other.path, remote, version: "1.0", retention: nil)
            _ = try courier.carry(upTo: 100)
            _ = try courier.tidy(isOver: false)
        }
        // It has the name.
        try look()
        let ledger = try shelf.open()
        ledger.append(.sessionOpened(id: "s2", tenant: "acme", at: at(0)))
        ledger.flush()
        #expect(ledger.takeNotices().contains { $0.contains("give each its own --node") })
        try look()
        let reader = try shelf.reader()
        #expect(try reader.session("s2")?.summary.outcome == nil)
        // It is gone, and the next of that name closes what it has left.
        try shelf.postgres().run(
            "UPDATE spools SET seen = now() - interval '40 seconds' "
                + "WHERE identity != (SELECT identity FROM nodes)")
        try look()
        #expect(try reader.session("s2")?.summary.outcome == "unfinished")
        ledger.close()
    }

    /// A version before 11 named no spool.
    @Test("sessions of older programs are closed when their node is gone")
    func olderProgram() throws {
        let shelf = try Shelf(.postgres)
        let ledger = try shelf.open()
        for id in ["s1", "s2"] {
            ledger.append(.sessionOpened(id: id, tenant: "acme", at: at(0)))
        }
        ledger.flush()
        let postgres = try shelf.postgres()
        try postgres.run("UPDATE sessions SET spool = '', node = 'two' WHERE id = 's1'")
        try postgres.run(
            "INSERT INTO nodes VALUES ('two', 'x', '0.9', now())")
        let other = try Shelf()
        _ = try LedgerStore(other.path, version: "1.0", isSpool: true)
        func look() throws {
            var courier = try Courier(
                other.path, Ledger.Remote(try #require(shelf.address), node: "three"),
                version: "1.0", retention: nil)
            _ = try courier.tidy(isOver: false)
        }
        try look()
        let reader = try shelf.reader()
        #expect(try reader.session("s1")?.summary.outcome == nil)
        try postgres.run("UPDATE nodes SET seen = now() - interval '1 hour' WHERE name = 'two'")
        try look()
        #expect(try reader.session("s1")?.summary.outcome == "unfinished")
        #expect(try reader.session("s2")?.summary.outcome == nil)
        ledger.close()
    }

    @Test("a node begins again where its spool ends, also one that was killed")
    func again() throws {
        let shelf = try Shelf(.postgres)
        // As a dead process leaves it: written, and not sent.
        do {
            let store = try LedgerStore(shelf.path, version: "1.0", isSpool: true)
            _ = try store.write(
                Array(conversation("s1").prefix(13)), at: Instant(nanoseconds: 1))
        }
        let ledger = try shelf.open()
        ledger.flush()
        ledger.close()
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.summary.outcome == "unfinished")
        #expect(report.turns.map(\.outcome) == ["answered", "lost"])
        #expect(report.events.count == 5)
        // What is there and long over is no longer kept here.
        #expect(try shelf.database().integer("SELECT count(*) FROM sessions") == 0)
        #expect(try shelf.database().integer("SELECT count(*) FROM unshipped") == 0)
    }

    @Test("sessions of a node that is gone are closed by another")
    func gone() throws {
        let shelf = try Shelf(.postgres)
        let ledger = try shelf.open()
        for record in conversation("s1").prefix(13) { ledger.append(record) }
        ledger.flush()
        let postgres = try shelf.postgres()
        try postgres.run("UPDATE spools SET seen = now() - interval '1 hour'")
        let other = try Shelf()
        let store = try LedgerStore(other.path, version: "1.0", isSpool: true)
        _ = try store.write([ended("s2")], at: Instant(nanoseconds: 1))
        var courier = try Courier(
            other.path, Ledger.Remote(try #require(shelf.address), node: "two"), version: "1.0",
            retention: nil)
        #expect(try courier.carry(upTo: 100) > 0)
        _ = try courier.tidy(isOver: false)
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.summary.outcome == "unfinished")
        #expect(report.turns.allSatisfy { $0.ended != nil })
        #expect(report.toolCalls.map(\.outcome) == ["lost"])
        // It was only cut off.
        for record in conversation("s1").dropFirst(13) { ledger.append(record) }
        ledger.close()
        #expect(try shelf.reader().session("s1")?.summary.outcome == "completed")
    }

    @Test("sessions that a lost spool left open are closed by the next of that name")
    func lostSpool() throws {
        let shelf = try Shelf(.postgres)
        let ledger = try shelf.open()
        for record in conversation("s1").prefix(13) { ledger.append(record) }
        ledger.flush()
        try shelf.postgres().run("UPDATE nodes SET seen = '-infinity'")
        try shelf.postgres().run("UPDATE spools SET seen = '-infinity'")
        let other = try Shelf()
        var options = Ledger.Options()
        options.remote = Ledger.Remote(try #require(shelf.address), node: "one")
        let next = try Ledger.open(other.path, options).get()
        next.append(.sessionOpened(id: "s2", tenant: "acme", at: at(0)))
        next.flush()
        #expect(try shelf.reader().session("s1")?.summary.outcome == "unfinished")
        #expect(try shelf.reader().session("s2")?.summary.outcome == nil)
        next.close()
        ledger.close()
    }

    @Test("days are forgotten by dropping their partitions")
    func retention() throws {
        let shelf = try Shelf(.postgres)
        // A copy keeps the days of its file.
        let file = try Shelf()
        let books = try file.open()
        for days in [0, 1, 10, 100] { books.append(began(days)) }
        books.close()
        let address = try #require(shelf.address)
        #expect(try LedgerCopy.run(from: file.path, to: address).sessions == 4)
        #expect(try shelf.reader().sessions().count == 4)
        var options = Ledger.Options()
        options.retention = .seconds(30 * 86_400)
        options.remote = Ledger.Remote(address, node: "one")
        let again = try Ledger.open(shelf.path, options).get()
        again.flush()
        again.close()
        #expect(try shelf.reader().sessions().map(\.id) == ["days0", "days1", "days10"])
        let postgres = try shelf.postgres()
        #expect(try postgres.integer("SELECT count(*) FROM keys") == 3)
        #expect(
            try postgres.integer(
                "SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                    + "WHERE c.relkind = 'r'")
                == 4 * Int64(PostgresSchema.partitioned.count))
    }

    private func began(_ days: Int) -> Record {
        let now = WallTime(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
        let moment = now - .seconds(Int64(days) * 86_400)
        return .sessionEnded(
            Record.Ending(
                session: "days\(days)", tenant: "acme", model: "m", started: moment,
                ended: moment, outcome: "completed"))
    }

    @Test("what a node with a wrong clock sends is not dropped as too old")
    func clockBehind() throws {
        let shelf = try Shelf(.postgres)
        let ledger = try shelf.open { $0.retention = .seconds(30 * 86_400) }
        for days in [-400, -3, 0, 1, 3, 100, 3000, 5000] { ledger.append(began(days)) }
        ledger.flush()
        // Any node drops days, when it has begun and every minute.
        let other = try Shelf()
        _ = try LedgerStore(other.path, version: "1.0", isSpool: true)
        var courier = try Courier(
            other.path, Ledger.Remote(try #require(shelf.address), node: "two"), version: "1.0",
            retention: .seconds(30 * 86_400))
        _ = try courier.tidy(isOver: false)
        #expect(try shelf.reader().sessions().count == 8)
        #expect(try shelf.postgres().integer("SELECT count(*) FROM keys") == 8)
        ledger.close()
    }

    @Test("the keys of many days are deleted in pieces, before the days")
    func manyKeys() throws {
        let shelf = try Shelf(.postgres)
        let postgres = try shelf.postgres()
        try PostgresSchema.migrate(postgres)
        var days = PostgresDays()
        try days.prepare([10, 11], postgres)
        try postgres.run("INSERT INTO keys SELECT n, n FROM generate_series(1, 25000) AS n")
        let tables =
            "SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            + "WHERE c.relkind = 'r'"
        for left in [15_000, 5000] as [Int64] {
            #expect(try !days.drop(before: 11, within: 0, postgres))
            #expect(try postgres.integer("SELECT count(*) FROM keys") == left)
            #expect(
                try postgres.integer(tables) == 2 * Int64(PostgresSchema.partitioned.count))
        }
        #expect(try days.drop(before: 11, within: 0, postgres))
        #expect(try postgres.integer("SELECT count(*) FROM keys") == 0)
        #expect(try postgres.integer(tables) == Int64(PostgresSchema.partitioned.count))
    }

    @Test("a node that sends for long says meanwhile that it is there")
    func signedMeanwhile() throws {
        let shelf = try Shelf(.postgres)
        let file = try Shelf()
        let store = try LedgerStore(file.path, version: "1.0", isSpool: true)
        let records = (1...1000).map { ended("s\($0)") }
        _ = try store.write(records, at: Instant(nanoseconds: 1))
        var courier = try Courier(
            file.path, Ledger.Remote(try #require(shelf.address), node: "one"), version: "1.0",
            retention: nil)
        #expect(try courier.carry(upTo: 1) == 1)
        let postgres = try shelf.postgres()
        try postgres.run("UPDATE spools SET seen = now() - interval '40 s'")
        let lately = "SELECT count(*) FROM spools WHERE seen > now() - interval '30 s'"
        try until {
            #expect(try courier.carry(upTo: 1) == 1)
            usleep(90_000)
            return try postgres.integer(lately) == 1
        }
    }

    @Test("what is older than the retention and not sent yet is not deleted here")
    func oldAndUnsent() throws {
        let shelf = try Shelf(.postgres)
        try PostgresSchema.migrate(shelf.postgres())
        try shelf.postgres().run("ALTER TABLE keys RENAME TO locks")
        let ledger = try shelf.open { $0.retention = .seconds(86_400 * 2) }
        ledger.append(ended("s1"))  // Longer ago.
        ledger.flush()
        ledger.flush()
        #expect(ledger.condition.outage != nil)
        #expect(try shelf.database().integer("SELECT count(*) FROM sessions") == 1)
        try shelf.postgres().run("ALTER TABLE locks RENAME TO keys")
        ledger.close()
        #expect(ledger.condition.lost == 0)
    }

    @Test("a copy has what the file has, and copying again doubles nothing")
    func copied() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        for number in 0..<450 {
            for record in conversation("s\(number)") { ledger.append(record) }
        }
        ledger.append(.sessionOpened(id: "live", tenant: "acme", at: at(0)))
        ledger.append(.policyLoaded(tenant: "acme", at: at(0), text: "text"))
        ledger.flush()
        let address = try TestPostgres.shared.get().database()
        var expected = LedgerCopy.Result()
        expected.sessions = 450
        expected.live = 1
        #expect(try LedgerCopy.run(from: shelf.path, to: address) == expected)
        ledger.append(ended("live"))
        ledger.close()
        expected.sessions = 451
        expected.live = 0
        #expect(try LedgerCopy.run(from: shelf.path, to: address) == expected)
        let (file, copy) = (try shelf.reader(), try LedgerReader(.postgres(address)))
        #expect(try copy.sessions(limit: 1000).count == 451)
        #expect(try copy.usage(by: .tenant).first?.cost == file.usage(by: .tenant).first?.cost)
        #expect(try copy.usage(by: .tenant).first?.turns == 900)
        for id in ["s7", "live"] {
            var reports = [try #require(try file.session(id)), try #require(try copy.session(id))]
            for place in reports.indices { reports[place].summary.key = 0 }
            #expect(reports[0] == reports[1])
        }
        #expect(try copy.policy(of: "acme", at: at(1)) == "text")
        #expect(try copy.receipts("s7").count == file.receipts("s7").count)
    }
}

import Basics
import CSQLite
import Foundation
import Testing
import Usage

@testable import Ledger

@Suite("Writing the ledger")
struct WritingTests {
    @Test(
        "appended records are there after a flush, and read back unchanged", arguments: Store.all)
    func roundTrip(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        for record in conversation("s1") { ledger.append(record) }
        ledger.flush()
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.summary.outcome == "completed")
        #expect(report.summary.closeCode == 1000)
        #expect(report.summary.version == "1.0")
        #expect(report.summary.cost == report.turns.reduce(0) { $0 + $1.usage.cost })
        #expect(report.connections.map(\.code) == [1000])
        #expect(report.turns.map(\.outcome) == ["answered", "interrupted"])
        #expect(
            report.turns[0].usage.reported
                == usage(1, audioIn: 50, textIn: 200, audioOut: 40).reported)
        #expect(report.turns[1].usage.estimated.response.text == 7)
        #expect(report.turns[1].remedies == ["nudge"])
        #expect(report.toolCalls.map(\.outcome) == ["answered"])
        #expect(report.toolCalls.map(\.arguments) == [#"{"q":"secret"}"#])
        #expect(report.events.count == 5)
        ledger.close()
        #expect(ledger.condition == Ledger.Condition())
    }

    @Test(
        "closing writes waiting records; later ones are lost, and counted",
        arguments: Store.all)
    func closing(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        for number in 0..<3000 { ledger.append(ended("s\(number)")) }
        ledger.close()
        #expect(try shelf.reader().sessions(limit: 10_000).count == 3000)
        ledger.append(ended("late"))
        #expect(ledger.condition.lost == 1)
        ledger.flush()
        ledger.close()
    }

    @Test(
        "an end is complete even if all earlier records were lost",
        arguments: Store.all)
    func endingAlone(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        ledger.append(ended("s1"))
        ledger.close()
        let found = try shelf.reader().sessions()
        #expect(found.map(\.id) == ["s1"])
        #expect(found.map(\.tenant) == ["acme"])
    }

    @Test(
        "a late report replaces what was known",
        arguments: Store.all)
    func lateReport(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        for record in conversation("s1") { ledger.append(record) }
        ledger.append(.turnUsed(session: "s1", usage(2, audioIn: 91, audioOut: 11)))
        ledger.append(.turnUsed(session: "s1", usage(0, textIn: 5)))
        ledger.close()
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.turns.map(\.number) == [0, 1, 2])
        #expect(report.turns[2].outcome == "interrupted")
        #expect(report.turns[2].usage.tokens.total == 102)
        #expect(report.summary.turns == 2)
    }

    @Test(
        "two programs cannot write one ledger")
    func twoWriters() throws {
        let shelf = try Shelf()
        let first = try shelf.open()
        switch Ledger.open(shelf.path) {
        case .success: Issue.record("a second one opened it")
        case .failure(let error): #expect(error.description.contains("another turnkeeper"))
        }
        first.close()
    }

    @Test("sessions that ended too long ago are deleted, with all their parts")
    func retention() throws {
        let shelf = try Shelf()
        let before = try shelf.open()
        for number in 0..<20 { for record in conversation("s\(number)") { before.append(record) } }
        before.append(.sessionOpened(id: "live", tenant: "acme", at: at(0)))
        before.close()
        let store = try LedgerStore(shelf.path, version: "1.0")
        #expect(try store.forget(before: at(9), limit: 100) == 1)
        #expect(try store.forget(before: at(9.5), limit: 15) == 15)
        #expect(try store.forget(before: at(9.5), limit: 15) == 5)
        let database = try shelf.database()
        for (table, _) in Schema.perSession {
            #expect(try database.integer("SELECT count(*) FROM \(table)") == 0, "\(table)")
        }
    }

    @Test(
        "a ledger with a retention deletes by itself",
        arguments: Store.all)
    func retentionByItself(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open { $0.retention = .seconds(3600) }
        ledger.append(ended("old"))  // Its fixed morning lies in the past or future of any clock.
        let now = WallTime(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
        let new = Record.Ending(
            session: "new", tenant: "acme", model: "", started: now, ended: now,
            outcome: "completed")
        ledger.append(.sessionEnded(new))
        ledger.close()
        #expect(try shelf.reader().sessions().contains { $0.id == "new" })
    }
}

@Suite("When the file is in the way")
struct TroubleTests {
    @Test("a locked file makes records wait, but no caller")
    func locked() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        let other = try shelf.database()
        try other.execute("BEGIN IMMEDIATE")
        ledger.append(ended("s1"))
        ledger.flush()  // Comes back after an attempt, done or not.
        #expect(ledger.condition.queued == 1)
        #expect(ledger.condition.trouble?.contains("locked") == true)
        try other.execute("ROLLBACK")
        ledger.flush()
        #expect(ledger.condition == Ledger.Condition())
        #expect(try shelf.reader().sessions().count == 1)
        ledger.close()
    }

    @Test("what one tenant's flood costs is its own records, of either kind; others lose nothing")
    func flood() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open { $0.capacity = 1000 }
        let other = try shelf.database()
        try other.execute("BEGIN IMMEDIATE")
        let flood = ledger.entrance(of: "acme")
        for number in 0..<2000 {
            flood.append(
                .event(
                    .init(
                        session: "a", at: .zero, what: "activity_started", lane: "client",
                        text: "\(number)")))
        }
        for number in 0..<2000 { flood.append(ended("a\(number)")) }
        let waiting = ledger.condition.queued
        #expect((800...900).contains(waiting))
        let neighbour = ledger.entrance(of: "good")
        for number in 0..<10 {
            neighbour.append(ended("g\(number)", tenant: "good"))
            neighbour.append(
                .event(
                    .init(
                        session: "g\(number)", at: .zero, what: "closed", lane: "client",
                        text: "bye")))
        }
        #expect(ledger.condition.queued == waiting + 20)
        #expect(ledger.condition.lost == 4000 - waiting)
        #expect(ledger.condition.flooded == ["acme": 4000 - waiting])
        try other.execute("ROLLBACK")
        ledger.flush()
        #expect(ledger.condition.queued == 0)
        // Nothing waits any more, so everything has room again.
        for number in 0..<700 { flood.append(ended("b\(number)")) }
        #expect(ledger.condition.lost == 4000 - waiting)
        ledger.close()
        let kept = "SELECT count(*) FROM sessions WHERE tenant = 'good'"
        #expect(try shelf.database().integer(kept) == 10)
    }

    @Test("a text's zeros become a mark; bytes are kept as they are")
    func zeros() throws {
        let shelf = try Shelf()
        try shelf.open().close()
        let database = try shelf.database()
        try database.execute("CREATE TEMP TABLE probe (value)")
        let long = String(repeating: "x", count: 100)
        for value: Value in [
            .text("a\0b"), .text(long + "\0"), .text("short"), .bytes([1, 0, 0x62, 0]), .bytes([]),
        ] {
            try database.run("INSERT INTO probe VALUES (?)", value)
        }
        var found: [String] = []
        try database.query("SELECT hex(CAST(value AS BLOB)) FROM probe ORDER BY rowid") {
            found.append($0.text(0))
        }
        let hexLong = String(repeating: "78", count: 100)
        #expect(found == ["61EFBFBD62", hexLong + "EFBFBD", "73686F7274", "01006200", ""])
    }

    @Test("a full disk loses the records beyond the limit, counts them, and leaves the file intact")
    func full() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open {
            $0.pages = 60
            $0.capacity = 500
        }
        for number in 0..<5 { for record in conversation("s\(number)") { ledger.append(record) } }
        ledger.flush()
        let before = try shelf.reader().sessions().count
        #expect(before == 5)
        for _ in 0..<10 {
            for number in 0..<400 {
                ledger.append(
                    .receipt(
                        session: "s0", turn: number, at: at(1),
                        json: String(repeating: "x", count: 1000)))
            }
            ledger.flush()
        }
        let condition = ledger.condition
        #expect(condition.trouble?.contains("full") == true)
        #expect(condition.lost > 3000)
        #expect(condition.queued <= 500)
        ledger.close()
        #expect(ledger.condition.queued == 0)
        #expect(ledger.condition.lost == condition.lost + condition.queued)
        #expect(try isSound(shelf.database()))
        #expect(try shelf.reader().sessions().count == 5)
        // With room again it goes on.
        let again = try shelf.open()
        again.append(ended("later"))
        again.close()
        #expect(again.condition == Ledger.Condition())
        #expect(try shelf.reader().sessions().count == 6)
    }

    @Test("a record that cannot be written is lost alone, without its batch")
    func oneBadRecord() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        let other = try shelf.database()
        try other.execute(
            "CREATE TRIGGER no_bad BEFORE INSERT ON sessions WHEN new.id = 'bad' "
                + "BEGIN SELECT raise(ABORT, 'bad'); END")
        for id in ["s1", "bad", "s2"] { ledger.append(ended(id)) }
        ledger.close()
        #expect(ledger.condition.lost == 1)
        #expect(Set(try shelf.reader().sessions().map(\.id)) == ["s1", "s2"])
    }

    @Test("if the file cannot be created, opening says why")
    func unopenable() {
        switch Ledger.open("/proc/nowhere/ledger.db") {
        case .success: Issue.record("it opened")
        case .failure(let error): #expect(!error.description.isEmpty)
        }
    }

    @Test("a file that is not a ledger is not touched")
    func notALedger() throws {
        let shelf = try Shelf()
        try Data("this is not a ledger".utf8).write(to: URL(fileURLWithPath: shelf.path))
        switch Ledger.open(shelf.path) {
        case .success: Issue.record("it opened")
        case .failure(let error): #expect(error.description.contains("not a database"))
        }
        let error = #expect(throws: LedgerError.self) { try shelf.reader() }
        #expect(error?.description.contains(shelf.path) == true)
        #expect(error?.isOfADamagedFile == true)
    }
}

@Suite("Opening the ledger")
struct OpeningTests {
    @Test(
        "sessions that a process left open are closed as unfinished, at their last sign of life",
        arguments: Store.all)
    func unfinished(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        for record in conversation("s1").prefix(13) { ledger.append(record) }
        ledger.append(.sessionOpened(id: "s2", tenant: "acme", at: at(3)))
        ledger.close()
        try shelf.open().close()
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.summary.outcome == "unfinished")
        #expect(report.summary.ended == at(5))
        #expect(report.turns.map(\.outcome) == ["answered", "lost"])
        #expect(report.connections.map(\.closed) == [at(5)])
        #expect(report.toolCalls.map(\.outcome) == ["lost"])
        let second = try #require(try shelf.reader().session("s2"))
        #expect(second.summary.outcome == "unfinished")
        #expect(second.summary.ended == at(3))
    }

    @Test("a ledger of any earlier version is migrated, with its content")
    func migration() throws {
        for version in 0..<Schema.steps.count {
            let shelf = try Shelf()
            do {
                let old = try Database(
                    shelf.path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
                try old.execute("PRAGMA journal_mode = WAL")
                try Schema.migrate(old, to: version)
                if version > 0 {
                    try old.execute(
                        "INSERT INTO sessions (id, tenant, started_us, ended_us, outcome) "
                            + "VALUES ('s0', 'acme', 1, 2, 'completed'); "
                            + "INSERT INTO \(version < 5 ? "turns" : "turn") (session, number, "
                            + "input, started_us, cost_micro_usd) "
                            + "VALUES (\(version < 5 ? "'s0'" : "1"), 1, 'audio', 1, 77)")
                    #expect(throws: LedgerError.self) { try shelf.reader() }
                }
            }
            let ledger = try shelf.open()
            for record in conversation("s1") { ledger.append(record) }
            ledger.close()
            #expect(ledger.condition.lost == 0)
            #expect(try shelf.reader().sessions().count == (version > 0 ? 2 : 1))
            if version > 0 { #expect(try shelf.reader().session("s0")?.summary.cost == 77) }
        }
    }

    @Test("a ledger of a later version is refused and left alone")
    func later() throws {
        let shelf = try Shelf()
        try shelf.open().close()
        try shelf.database().execute("PRAGMA user_version = 99")
        switch Ledger.open(shelf.path) {
        case .success: Issue.record("it opened")
        case .failure(let error): #expect(error.description.contains("newer"))
        }
        #expect(try shelf.database().integer("PRAGMA user_version") == 99)
    }
}

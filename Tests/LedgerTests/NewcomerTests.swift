import Basics
import CSQLite
import Foundation
import Testing
import Usage

@testable import Ledger

@Suite("While another process has the ledger")
struct NewcomerTests {
    @Test(
        "records are on disk at once, and in the ledger, in order, as soon as it is free",
        arguments: Store.all)
    func waits(_ store: Store) throws {
        let shelf = try Shelf(store)
        let old = try shelf.open()
        for record in conversation("old") { old.append(record) }
        let newcomer = try shelf.open { $0.awaitsLock = true }
        let records = conversation("s1")
        for record in records { newcomer.append(record) }
        newcomer.flush()
        #expect(newcomer.condition.aside == records.count)
        #expect(newcomer.condition.queued == records.count)
        #expect(newcomer.condition.trouble == nil)
        #expect(try shelf.waiting() == records)
        #expect(try shelf.reader().session("s1") == nil)
        for path in shelf.files where path.contains("waiting") {
            #expect(try shelf.permissions(of: path) == 0o600, "\(path)")
        }
        old.close()
        until { !newcomer.isAwaited && newcomer.condition.queued == 0 }
        // Its sessions go on.
        for record in conversation("s2").prefix(6) { newcomer.append(record) }
        newcomer.flush()
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.summary.outcome == "completed")
        #expect(report.turns.map(\.outcome) == ["answered", "interrupted"])
        #expect(report.turns[1].usage.estimated.response.text == 7)
        #expect(report.events.count == 5)
        #expect(try shelf.reader().session("s2")?.summary.ended == nil)
        newcomer.close()
        #expect(newcomer.condition == Ledger.Condition())
        #expect(!shelf.files.contains { $0.contains("waiting") })
    }

    @Test("a session that began before the ledger was free goes on after it, as one")
    func goesOn() throws {
        let shelf = try Shelf()
        let old = try shelf.open()
        let newcomer = try shelf.open { $0.awaitsLock = true }
        let records = conversation("s1")
        for record in records.prefix(7) { newcomer.append(record) }
        newcomer.flush()
        old.close()
        until { !newcomer.isAwaited && newcomer.condition.queued == 0 }
        for record in records.dropFirst(7) { newcomer.append(record) }
        newcomer.close()
        let straight = try Shelf()
        let usual = try straight.open()
        for record in records { usual.append(record) }
        usual.close()
        let (found, expected) = (
            try #require(try shelf.reader().session("s1")),
            try #require(try straight.reader().session("s1"))
        )
        #expect(found.summary == expected.summary)
        #expect(found.turns == expected.turns)
        #expect(found.connections == expected.connections)
        #expect(found.events.map(\.text) == expected.events.map(\.text))
    }

    @Test(
        "what a process leaves that is killed is taken in by the next, and its sessions closed",
        arguments: Store.all)
    func killed(_ store: Store) throws {
        let shelf = try Shelf(store)
        let old = try shelf.open()
        let newcomer = try shelf.open { $0.awaitsLock = true }
        for record in conversation("s1") { newcomer.append(record) }
        for record in conversation("s2").prefix(13) { newcomer.append(record) }
        newcomer.flush()
        // What is on disk at this moment is what is left by a `kill -9`.
        let left = shelf.directory + "/left"
        try FileManager.default.createDirectory(
            atPath: left, withIntermediateDirectories: false)
        for path in shelf.files where path.contains("waiting") && !path.hasSuffix("lock") {
            try FileManager.default.copyItem(
                atPath: shelf.directory + "/" + path, toPath: left + "/" + path)
        }
        newcomer.close(within: .zero)
        #expect(newcomer.condition.aside == 30 && newcomer.condition.lost == 0)
        old.close()
        for path in shelf.files where path.contains("waiting") {
            try FileManager.default.removeItem(atPath: shelf.directory + "/" + path)
        }
        for path in try FileManager.default.contentsOfDirectory(atPath: left) {
            try FileManager.default.moveItem(
                atPath: left + "/" + path, toPath: shelf.directory + "/" + path)
        }
        for _ in 0..<2 {
            let next = try shelf.open()
            #expect(next.condition.lost == 0)
            next.close()
        }
        let whole = try #require(try shelf.reader().session("s1"))
        #expect(whole.summary.outcome == "completed" && whole.summary.version == "1.0")
        #expect(whole.turns.count == 2 && whole.events.count == 5)
        let part = try #require(try shelf.reader().session("s2"))
        #expect(part.summary.outcome == "unfinished")
        #expect(part.summary.ended == at(5))
        #expect(part.turns.map(\.outcome) == ["answered", "lost"])
        #expect(part.events.count == 5)
        #expect(!shelf.files.contains { $0.contains("waiting") })
    }

    @Test("records are taken in once, even if a process dies before their file is removed")
    func once() throws {
        let shelf = try Shelf()
        try shelf.leave(conversation("s1"), by: "0.9")
        do {
            let left = try #require(WaitingRecords.left(beside: shelf.path).files.first)
            let store = try LedgerStore(shelf.path, version: "1.0")
            #expect(try store.takeIn(left, at: Instant(nanoseconds: 1)) == 0)
        }
        #expect(shelf.files.contains { $0.contains("waiting") })
        let ledger = try shelf.open()
        ledger.close()
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.events.count == 5 && report.turns.count == 2)
        #expect(report.summary.version == "0.9")
        #expect(!shelf.files.contains { $0.contains("waiting") })
        #expect(try shelf.database().integer("SELECT count(*) FROM taken_in") == 0)
    }

    @Test("processes that were killed one after the other leave a file each")
    func several() throws {
        let shelf = try Shelf()
        for number in 1...8 { try shelf.leave(conversation("s\(number)")) }
        #expect(throws: LedgerError.self) { try shelf.leave(conversation("s9")) }
        let ledger = try shelf.open()
        #expect(ledger.takeNotices().count == 8)
        ledger.close()
        #expect(try shelf.reader().sessions().count == 8)
        #expect(!shelf.files.contains { $0.contains("waiting") })
    }

    @Test("a ledger that cannot be opened when it is free is tried again, and nothing is lost")
    func triesAgain() throws {
        let shelf = try Shelf()
        let old = try shelf.open()
        let newcomer = try shelf.open { $0.awaitsLock = true }
        let other = try shelf.database()
        // The newcomer has the file open again and again.
        other.wait(milliseconds: 2000)
        try other.execute("PRAGMA user_version = 99")
        old.close()
        newcomer.append(ended("s1"))
        until { newcomer.condition.trouble?.contains("newer") == true }
        newcomer.append(ended("s2"))
        newcomer.flush()
        #expect(newcomer.condition.lost == 0)
        try other.execute("PRAGMA user_version = \(Schema.steps.count)")
        until { newcomer.condition.queued == 0 }
        newcomer.close()
        #expect(newcomer.condition == Ledger.Condition())
        #expect(try shelf.reader().sessions().count == 2)
    }

    @Test("without room for their file records wait in memory, which is said")
    func full() throws {
        let shelf = try Shelf()
        let old = try shelf.open()
        let newcomer = try shelf.open {
            $0.awaitsLock = true
            $0.pages = 60
        }
        for number in 0..<3000 { newcomer.append(ended("s\(number)")) }
        newcomer.flush()
        #expect(newcomer.condition.trouble?.contains("full") == true)
        #expect(newcomer.condition.queued == 3000 && newcomer.condition.lost == 0)
        newcomer.close(within: .zero)
        #expect(newcomer.condition.lost + newcomer.condition.aside == 3000)
        old.close()
    }

    @Test("a start that fails leaves no file: policies say nothing without sessions")
    func policiesAlone() throws {
        let shelf = try Shelf()
        let old = try shelf.open()
        let newcomer = try shelf.open { $0.awaitsLock = true }
        newcomer.append(.policyLoaded(tenant: "acme", at: at(0), text: "language: en"))
        newcomer.flush()
        newcomer.close(within: .zero)
        #expect(newcomer.condition.lost == 0)
        #expect(!shelf.files.contains { $0.contains("waiting") })
        old.close()
    }

    @Test("a file that is no such file is left alone, said, and does not keep the ledger shut")
    func foreign() throws {
        let shelf = try Shelf()
        let path = shelf.path + ".waiting-1"
        try "this is not a database, whatever its name is".write(
            toFile: path, atomically: true, encoding: .utf8)
        let ledger = try shelf.open()
        #expect(ledger.takeNotices().contains { $0.contains("waiting-1") })
        ledger.append(ended("s1"))
        ledger.close()
        #expect(try shelf.reader().sessions().count == 1)
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("every kind of record comes back as it went")
    func allKinds() throws {
        let records = Self.all
        #expect(Set(records.map { $0.columns.kind }) == Set(Record.Kind.allCases))
        let shelf = try Shelf()
        try shelf.leave(records)
        #expect(try shelf.waiting() == records)
    }

    @Test("an end comes back as itself and what is told of it")
    func endingWithNotes() throws {
        guard case .sessionEnded(var ending) = ended("s1") else { return }
        let note = Note.session("s1", tenant: "acme", event: "session", at: at(9), most: 5)
        ending.notes = [note]
        let shelf = try Shelf()
        try shelf.leave([.sessionEnded(ending)])
        #expect(try shelf.waiting() == [ended("s1"), .noted(note)])
    }

    private static var all: [Record] {
        var budget = Note(id: "b", tenant: "acme", event: "budget", at: at(3), most: 7)
        budget.body = #""budget":{}"#
        var call = Record.ToolCall(
            session: "s1", id: "c", name: "find", called: at(1), answered: at(2),
            outcome: .cancelled, arguments: "{}")
        call.result = "[]"
        var ending = Record.Ending(
            session: "s1", tenant: "acme", model: "m", started: at(0), ended: at(0.000_000_9),
            outcome: "gone")
        ending.endUser = "someone"
        return conversation("s1") + [
            .policyLoaded(tenant: "acme", at: at(0), text: "a: b\nc: d"),
            .sessionOpened(
                id: "s2", tenant: "acme", at: at(0), endUser: "someone", isReported: true),
            .connectionResumed(session: "s1", number: 2),
            .connectionClosed(
                session: "s1", number: 2, at: at(1), code: 1011, reason: "é", by: "client"),
            .turnUsed(session: "s1", usage(3, audioIn: 5)),
            .toolCall(call),
            .sessionEnded(ending),
            .returnKept(
                KeptReturn(
                    digest: "d", tenant: "acme", session: "s1", model: "m", tools: .max,
                    handle: "h", transcript: "you: hi", cost: 5, tokens: 6, ended: at(9))),
            .noted(budget), .noteSettled(number: 4, tenant: "acme"),
            .notePostponed(number: 5, attempts: 2, until: at(60)), .notesDropped(tenant: "b"),
        ]
    }
}

extension Shelf {
    fileprivate var files: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    }

    fileprivate func permissions(of file: String) throws -> Int {
        let path = directory + "/" + file
        let known = try FileManager.default.attributesOfItem(atPath: path)
        return (known[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    /// What a process leaves that dies before the ledger is its own.
    fileprivate func leave(_ records: [Record], by version: String = "1.0") throws {
        let waiting = try WaitingRecords.make(beside: path, version: version)
        #expect(try waiting.append(records) == 0)
    }

    /// The records of the first such file, also while a process writes it.
    fileprivate func waiting() throws -> [Record] {
        let columns = (1...Record.mostColumns).map { "c\($0), " }.joined()
        let file = try Database(path + ".waiting-1", flags: SQLITE_OPEN_READWRITE)
        var found: [Record] = []
        try file.query("SELECT \(columns)kind FROM records ORDER BY number") { row in
            if let kind = Record.Kind(rawValue: row.text(Int32(Record.mostColumns))) {
                found.append(Record(kind, row))
            }
        }
        return found
    }
}

import Basics
import Foundation
import Glibc
import Testing

@testable import Ledger

@Suite("A ledger that cannot be opened at the start")
struct OpensLaterTests {
    /// What no ledger opens, as long as it is there: a pipe.
    private func block(_ path: String) throws { try #require(mkfifo(path, 0o600) == 0) }

    @Test(
        "records are kept beside it, and are in it as soon as it can be opened",
        arguments: Store.all)
    func keeps(_ store: Store) throws {
        let shelf = try Shelf(store)
        try block(shelf.path)
        let ledger = try shelf.open {
            $0.opensLater = true
            $0.remote?.isRequired = false
        }
        let trouble = try #require(ledger.condition.trouble)
        #expect(trouble.contains(shelf.path) && !ledger.hasFile)
        for record in conversation("s1") { ledger.append(record) }
        ledger.flush()
        #expect(ledger.condition.queued == conversation("s1").count)
        #expect(ledger.condition.trouble != nil && ledger.condition.lost == 0)
        try #require(unlink(shelf.path) == 0)
        until { ledger.hasFile && ledger.condition.queued == 0 }
        #expect(ledger.condition == Ledger.Condition())
        for record in conversation("s2") { ledger.append(record) }
        ledger.close()
        #expect(ledger.condition == Ledger.Condition())
        for id in ["s1", "s2"] {
            let report = try #require(try shelf.reader().session(id))
            #expect(report.summary.outcome == "completed")
            #expect(report.turns.count == 2 && report.events.count == 5)
        }
    }

    @Test("without room beside it they wait in memory, up to its limit; the rest are counted")
    func inMemory() throws {
        let shelf = try Shelf()
        let places = [shelf.path] + (1...8).map { "\(shelf.path).waiting-\($0)" }
        for place in places { try block(place) }
        let ledger = try shelf.open {
            $0.opensLater = true
            $0.capacity = 40
        }
        for record in conversation("s1") { ledger.append(record) }
        ledger.flush()
        #expect(ledger.condition.queued == 17 && ledger.condition.lost == 0)
        for number in 0..<100 { ledger.append(ended("more\(number)")) }
        ledger.flush()
        #expect(ledger.condition.queued + ledger.condition.lost == 117)
        #expect(ledger.condition.queued <= 40)
        let lost = ledger.condition.lost
        for place in places { try #require(unlink(place) == 0) }
        until { ledger.condition.queued == 0 }
        ledger.close()
        #expect(ledger.condition.lost == lost && ledger.condition.trouble == nil)
        #expect(try shelf.reader().session("s1")?.turns.count == 2)
        #expect(try shelf.reader().sessions().count == 101 - lost)
    }

    @Test("a damaged file is opened when it has been moved away")
    func damaged() throws {
        let shelf = try Shelf()
        try Data("this is not a ledger".utf8).write(to: URL(fileURLWithPath: shelf.path))
        let ledger = try shelf.open { $0.opensLater = true }
        #expect(ledger.condition.isDamaged)
        for record in conversation("s1") { ledger.append(record) }
        ledger.flush()
        #expect(ledger.condition.isDamaged)
        try #require(rename(shelf.path, shelf.path + ".damaged") == 0)
        until { ledger.condition.queued == 0 }
        ledger.close()
        #expect(ledger.condition == Ledger.Condition())
        #expect(try shelf.reader().session("s1")?.turns.count == 2)
    }

    @Test("one that is never opened leaves its records to the next start")
    func never() throws {
        let shelf = try Shelf()
        try block(shelf.path)
        let ledger = try shelf.open { $0.opensLater = true }
        for record in conversation("s1") { ledger.append(record) }
        ledger.close(within: .zero)
        #expect(ledger.condition.lost == 0 && ledger.condition.aside == 17)
        try #require(unlink(shelf.path) == 0)
        let next = try shelf.open()
        next.close()
        #expect(try shelf.reader().session("s1")?.turns.count == 2)
    }

    @Test("where it must be open at the start, the error names the file")
    func required() throws {
        let shelf = try Shelf()
        try block(shelf.path)
        let error = #expect(throws: LedgerError.self) { try shelf.open() }
        #expect(error?.description.contains(shelf.path) == true)
        #expect(error?.isOfAFile == true)
    }

    @Test("a full disk is told as one, with the file's name and without the statement")
    func full() throws {
        let shelf = try Shelf()
        let error = #expect(throws: LedgerError.self) { try shelf.open { $0.pages = 2 } }
        #expect(error?.description == "opening \(shelf.path): database or disk is full")
    }
}

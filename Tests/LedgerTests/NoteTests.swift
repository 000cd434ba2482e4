import Basics
import Testing

@testable import Ledger

@Suite("Notes for receivers")
struct NoteTests {
    private func note(_ number: Int, most: Int = 100) -> Note {
        .session("s\(number)", tenant: "acme", event: "session", at: at(1), most: most)
    }

    private func waiting(_ shelf: Shelf, at now: WallTime = at(2)) throws -> [WaitingNote] {
        try shelf.reader().notes(of: "acme", at: now, limit: 1000)
    }

    @Test("wait once, in order, and the oldest are lost when there are too many")
    func bound() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        for number in [1, 2, 2, 1, 3] { ledger.append(.noted(note(number))) }
        ledger.flush()
        #expect(try waiting(shelf).map(\.note.session) == ["s1", "s2", "s3"])
        #expect(ledger.notes?.waiting == ["acme": 3])
        for number in 4...6 { ledger.append(.noted(note(number, most: 2))) }
        ledger.flush()
        #expect(try waiting(shelf).map(\.note.session) == ["s5", "s6"])
        #expect(ledger.notes?.lost == ["acme": 4])
        ledger.close()
    }

    @Test("are gone once they are settled, and come later if they are postponed")
    func settling() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        for number in 1...3 { ledger.append(.noted(note(number))) }
        ledger.flush()
        let numbers = try waiting(shelf).map(\.number)
        ledger.append(.noteSettled(number: numbers[0], tenant: "acme"))
        ledger.append(.noteSettled(number: numbers[0], tenant: "acme"))
        ledger.append(.notePostponed(number: numbers[1], attempts: 4, until: at(60)))
        ledger.flush()
        #expect(try waiting(shelf).map(\.number) == [numbers[2]])
        #expect(try waiting(shelf, at: at(60)).map(\.attempts) == [0, 4])
        // A clock that was set back by a day does not hold it for a day.
        #expect(try waiting(shelf, at: at(-86_400)).map(\.number) == [numbers[2], numbers[1]])
        #expect(ledger.notes?.waiting == ["acme": 2])
        ledger.append(.notesDropped(tenant: "acme"))
        ledger.close()
        #expect(try waiting(shelf).isEmpty)
    }

    @Test(
        "that were put aside, however many, come after those that were not, the longest due first")
    func turns() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        for number in 1...6 { ledger.append(.noted(note(number))) }
        ledger.flush()
        let numbers = try waiting(shelf).map(\.number)
        for (place, due) in [(0, 40), (1, 20), (2, 30), (3, 90)] {
            ledger.append(
                .notePostponed(number: numbers[place], attempts: place + 1, until: at(Double(due))))
        }
        ledger.close()
        let reader = try shelf.reader()
        func told(_ limit: Int) throws -> [String] {
            try reader.notes(of: "acme", at: at(60), limit: limit).map(\.note.session)
        }
        #expect(try told(9) == ["s5", "s6", "s2", "s3", "s1"])
        #expect(try told(2) == ["s5", "s6"] && told(3) == ["s5", "s6", "s2"])
        #expect(try reader.notes(of: "other", at: at(60), limit: 9).isEmpty)
    }

    @Test("of a session that a dead process left open, if it was to be reported")
    func unfinished() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        ledger.append(.sessionOpened(id: "s1", tenant: "acme", at: at(0), isReported: true))
        ledger.append(.sessionOpened(id: "s2", tenant: "acme", at: at(0)))
        ledger.close()
        let again = try shelf.open()
        #expect(again.notes?.waiting == ["acme": 1])
        again.close()
        let note = try #require(try waiting(shelf, at: at(60)).first?.note)
        #expect(note.id == "session-s1")
        let json = try #require(
            try NoteDocument(redaction: Redaction()).json(note, from: try shelf.reader()))
        #expect(String(decoding: json, as: UTF8.self).contains(#""outcome":"unfinished""#))
        // A third start reports nothing again.
        let third = try shelf.open()
        #expect(third.notes?.waiting == ["acme": 1])
        third.close()
    }

    @Test("name their tenant, also if its clients' key begins with that name")
    func named() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        ledger.append(.sessionOpened(id: "s1", tenant: "piedpiper", at: at(0)))
        ledger.close()
        let note = Note.session("s1", tenant: "piedpiper", event: "session", at: at(1), most: 9)
        let document = NoteDocument(redaction: Redaction(Scrubber(["piedpiper-key-0123456789"])))
        let json = try #require(try document.json(note, from: try shelf.reader()))
        let text = String(decoding: json, as: UTF8.self)
        #expect(text.components(separatedBy: #""tenant":"piedpiper""#).count == 3)
    }

    @Test("of a very long session are bounded, and count what is left out")
    func bounded() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        for record in conversation("s1") { ledger.append(record) }
        ledger.close()
        var document = NoteDocument(redaction: Redaction())
        document.limit = 100
        let json = try #require(try document.json(note(1), from: try shelf.reader()))
        let text = String(decoding: json, as: UTF8.self)
        #expect(text.contains(#""turns":[]"#) && text.contains(#""turns_left_out":2"#))
        #expect(try document.json(note(9), from: try shelf.reader()) == nil)
    }
}

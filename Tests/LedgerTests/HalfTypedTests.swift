import Testing

@testable import Ledger

@Suite("What people read and search in lists")
struct HalfTypedTests {
    @Test("the beginning of a close code finds all codes that begin so", arguments: Store.all)
    func codes(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        for (id, code) in [("a", 1000), ("b", 1011), ("c", 4100), ("d", nil)] as [(String, Int?)] {
            ledger.append(
                .sessionEnded(
                    Record.Ending(
                        session: id, tenant: "acme", model: "m", started: at(0), ended: at(1),
                        outcome: "completed", closeCode: code)))
        }
        // Gemini's code counts as well.
        ledger.append(
            .connectionOpened(
                Record.Connection(
                    session: "d", number: 1, opened: at(0), resumed: false, model: "m")))
        ledger.append(
            .connectionClosed(session: "d", number: 1, at: at(1), code: 1008, reason: ""))
        ledger.close()
        func found(_ text: String) throws -> [String] {
            var query = SessionQuery()
            query.text = text
            return try shelf.reader().sessions(query).sessions.map(\.id).sorted()
        }
        #expect(try found("1") == ["a", "b", "d"])
        #expect(try found("10") == ["a", "b", "d"])
        #expect(try found("101") == ["b"])
        #expect(try found("1011") == ["b"])
        #expect(try found("100") == ["a", "d"])
        #expect(try found("41") == ["c"])
        #expect(try found("1%").isEmpty)
    }

    @Test("the column of remedies has their name")
    func remedies() throws {
        var session = SessionSummary()
        session.troubles = [
            RemedyCount(what: "nudged", count: 2),
            RemedyCount(what: "stalled", count: 5),
        ]
        let lines = ReportText.sessions([session])
        #expect(lines.count == 2)
        let heads = lines[0].split(separator: " ")
        let place = try #require(heads.firstIndex(of: "REMEDIES"))
        #expect(heads[place...] == ["REMEDIES", "TURNS", "USD"])
        #expect(lines[1].split(separator: " ").dropLast(2).last == "2")
    }

    @Test("that words are not kept is said once, for all pieces of an utterance")
    func notKept() {
        var utterances = Utterances()
        for (number, text) in ["says: (not kept)", "says: (not kept)", "says: (not kept)"]
            .enumerated()
        {
            var event = TimelineEvent()
            (event.session, event.what, event.text) = ("a", "output_transcription", text)
            event.number = Int64(number)
            _ = utterances.add(event, at: .init(nanoseconds: Int64(number)))
        }
        #expect(utterances.settled().map(\.text) == ["says: (not kept)"])
    }
}

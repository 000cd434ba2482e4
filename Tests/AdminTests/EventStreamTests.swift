import Foundation
import Inspector
import Ledger
import Testing

@Suite("Events as they happen", .serialized)
struct EventStreamTests {
    @Test("history comes first, then new events, then the end")
    func sessionEvents() throws {
        let books = try InspectedLedger()
        let all = books.session("aaaa1", at: 0)
        books.write(Array(all.prefix(7)))
        let events = try EventReader(port: books.server.port, "/api/sessions/aaaa1/events")
        let history = try (0..<3).map { _ in try events.next("message") }
        #expect(
            history.map { $0.object["what"] as? String }
                == ["setup_completed", "turn_started", "first_audio"])
        #expect(history.allSatisfy { Int($0.id) != nil })
        let sums = try events.next("session")
        #expect(sums.object["state"] as? String == "speaking")
        #expect(sums.object["events"] == nil)
        books.write(Array(all.dropFirst(7)))
        #expect(try events.next("message").object["what"] as? String == "turn_ended")
        #expect(try events.next("message").object["what"] as? String == "ended")
        // The end's event may be read before its sums are written.
        var last = try events.next("session")
        while last.object["outcome"] as? String == nil { last = try events.next("session") }
        #expect(last.object["outcome"] as? String == "completed")
        #expect(
            (last.object["turns"] as? [[String: Any]])?.first?["cost_usd"] as? Double == 0.00078)
        #expect(try events.next().name == "end")
        #expect(try events.isAtEnd())
    }

    @Test("a reader that comes back gets what it missed, and nothing twice")
    func comingBack() throws {
        let books = try InspectedLedger()
        let all = books.session("aaaa1", at: 0)
        books.write(Array(all.prefix(7)))
        let first = try EventReader(port: books.server.port, "/api/sessions/aaaa1/events")
        let seen = try (0..<2).map { _ in try first.next("message") }
        books.write(Array(all.dropFirst(7)))
        let last = try #require(seen.last?.id)
        for headers in [["Last-Event-ID: \(last)"], []] {
            let target =
                "/api/sessions/aaaa1/events" + (headers.isEmpty ? "?after=\(last)" : "")
            let again = try EventReader(port: books.server.port, target, headers: headers)
            let missed = try (0..<3).map { _ in try again.next("message") }
            #expect(
                missed.map { $0.object["what"] as? String } == [
                    "first_audio", "turn_ended", "ended",
                ])
            #expect(try again.next("end").name == "end")
        }
    }

    @Test("a long history arrives whole and in order, to a slow reader too")
    func longHistory() throws {
        let books = try InspectedLedger()
        books.write(books.session("aaaa1", at: 0, isLive: true))
        let text = String(repeating: "x", count: 500)
        for start in stride(from: 0, to: 6000, by: 1000) {
            books.write(
                (start..<start + 1000).map { books.event("aaaa1", 5, "note", "\($0) \(text)") })
        }
        let events = try EventReader(port: books.server.port, "/api/sessions/aaaa1/events")
        var expected = 0
        for _ in 0..<6004 {
            let event = try events.next("message")
            guard event.object["what"] as? String == "note" else { continue }
            let said = event.object["text"] as? String ?? ""
            #expect(said.hasPrefix("\(expected) "))
            expected += 1
        }
        #expect(expected == 6000)
    }

    @Test("a reader that takes nothing delays no other, costs little, and is counted at its end")
    func slowReader() throws {
        let books = try InspectedLedger()
        books.write(books.session("aaaa1", at: 0, isLive: true))
        let text = String(repeating: "x", count: 2000)
        for start in stride(from: 0, to: 8000, by: 2000) {
            books.write(
                (start..<start + 2000).map { books.event("aaaa1", 5, "note", "\($0) \(text)") })
        }
        do {
            let slow = try RawClient(port: books.server.port, receiveBuffer: 4096)
            try slow.send("GET /api/sessions/aaaa1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let other = try EventReader(port: books.server.port, "/api/sessions/aaaa1/events")
            for _ in 0..<2000 { _ = try other.next("message") }
            #expect(try books.get("/api/sessions").status == 200)
            #expect(books.inspector.readers.now == 2)
        }
        // Both are gone, with most of the sixteen megabytes unread.
        #expect(until { books.inspector.readers.now == 0 })
        #expect(books.inspector.readers.dropped >= 1)
    }

    @Test("the fleet's stream reports sessions that change, with their sums")
    func fleet() throws {
        let books = try InspectedLedger()
        books.write(books.session("aaaa1", at: 0))
        let events = try EventReader(port: books.server.port, "/api/events")
        #expect(try events.next("fleet").object["live"] as? Int == 0)
        books.write(books.session("bbbb2", at: 5, isLive: true))
        let news = try events.next("sessions")
        let rows = try JSONSerialization.jsonObject(with: Data(news.data.utf8)) as? [[String: Any]]
        #expect(rows?.compactMap { $0["id"] as? String } == ["bbbb2"])
        #expect(rows?.first?["state"] as? String == "idle")
        let fleet = try events.next("fleet").object
        #expect(fleet["live"] as? Int == 1)
        #expect(fleet["states"] as? [String: Int] == ["idle": 1])
        books.write([books.event("bbbb2", 9, "reconnecting")])
        #expect(try events.next("sessions").data.contains(#""state":"recovering""#))
        #expect(try events.next("fleet").object["states"] as? [String: Int] == ["recovering": 1])
        // A reader that was away from before hears of both.
        let back = try EventReader(port: books.server.port, "/api/events?after=0")
        let both = try back.next("sessions").data
        #expect(both.contains("aaaa1") && both.contains("bbbb2"))
    }

    @Test("the number of readers is limited, and their places are released")
    func capacity() throws {
        let books = try InspectedLedger()
        do {
            let readers = try (0..<64).map { _ in
                try EventReader(port: books.server.port, "/api/events")
            }
            let refused = try books.get("/api/events")
            #expect(refused.status == 503)
            #expect(refused.text.contains("too many readers"))
            #expect(readers.count == 64)
        }
        // That a reader left shows when it is next told something.
        var second = 0
        let isEmpty = until {
            second += 1
            books.write([books.event("n\(second)", 1, "note")])
            books.write(books.session("s\(second)", at: Double(second)))
            usleep(100_000)
            return books.inspector.readers.now == 0
        }
        #expect(isEmpty)
        _ = try EventReader(port: books.server.port, "/api/events")
    }

    @Test("stops while readers follow")
    func stopping() throws {
        let books = try InspectedLedger()
        books.write(books.session("aaaa1", at: 0, isLive: true))
        let events = try EventReader(port: books.server.port, "/api/sessions/aaaa1/events")
        _ = try events.next("message")
        books.inspector.stop()
        books.inspector.stop()
        #expect(try books.get("/api/events").status == 503)
        #expect(try books.get("/api/sessions").status == 503)
    }
}

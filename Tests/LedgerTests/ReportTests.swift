import Basics
import Foundation
import Testing
import Usage

@testable import Ledger

@Suite("Reading the books")
struct ReportTests {
    private func filled() throws -> Shelf {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        ledger.append(.policyLoaded(tenant: "acme", at: at(-5), text: "dead_air: 1.2s"))
        ledger.append(.policyLoaded(tenant: "acme", at: at(50), text: "dead_air: 9s"))
        for record in conversation("s1abcd") { ledger.append(record) }
        for record in conversation("s2abcd", tenant: "other") { ledger.append(record) }
        ledger.append(.sessionOpened(id: "live", tenant: "acme", at: at(20)))
        ledger.close()
        return shelf
    }

    @Test("sums equal the sum of the turns, however they are grouped")
    func sums() throws {
        let reader = try filled().reader()
        var turns = 0
        var total: Int64 = 0
        var cost: Int64 = 0
        for summary in try reader.sessions() {
            let report = try #require(try reader.session(summary.id))
            turns += report.turns.count
            total += report.turns.reduce(0) { $0 + $1.usage.tokens.total }
            cost += summary.cost
        }
        for by in ["tenant+model", "tenant", "model", "session", "day", "month+end-user"] {
            let grouping = try #require(UsageGrouping(by))
            let rows = try reader.usage(by: grouping)
            #expect(rows.reduce(0) { $0 + $1.sessions } == 3)
            #expect(rows.reduce(0) { $0 + $1.turns } == turns)
            #expect(rows.reduce(0) { $0 + ($1.reported + $1.estimated).total } == total)
            #expect(rows.reduce(0) { $0 + $1.estimated.total } == 14)
            #expect(rows.reduce(0) { $0 + $1.cost } == cost)
        }
        #expect(try reader.usage(by: .tenant).map(\.tenant) == ["acme", "other"])
        let months = try reader.usage(by: #require(UsageGrouping("month+tenant")))
        #expect(months.map(\.month) == ["2026-11", "2026-11"])
        #expect(months.map(\.tenant) == ["acme", "other"])
        let sessions = try reader.usage(by: #require(UsageGrouping("session")))
        #expect(sessions.map(\.tenant) == ["acme", "acme", "other"])
        for wrong in ["", "+", "tenant+", "tenant+tenant", "year", "Tenant"] {
            #expect(UsageGrouping(wrong) == nil, "\(wrong)")
        }
        #expect(try reader.usage(since: at(5), until: at(6)).map(\.turns) == [1, 1])
        #expect(try reader.usage(since: at(100)).isEmpty)
    }

    @Test("moments are days, times, words or ages")
    func moments() {
        let now = at(3600)
        #expect(WallTime("today", before: now) == WallTime("2026-11-21"))
        #expect(WallTime("yesterday", before: now) == WallTime("2026-11-20"))
        #expect(WallTime("7d", before: now) == now - .seconds(7 * 86_400))
        #expect(WallTime("2026-11-21T08:30", before: now) == at(1800))
        #expect(WallTime("tomorrow", before: now) == nil)
    }

    @Test("the JSON of usage has the documented shape")
    func usageJSON() throws {
        let rows = try filled().reader().usage()
        #expect(
            text(ReportJSON.usage(Array(rows.suffix(1)))) == """
                [{"tenant":"other","model":"gemini-3.8-live","sessions":1,"turns":2,"tokens":\
                {"prompt":{"text":200,"audio":140},"response":{"text":7,"audio":50},"thoughts":0,\
                "cached":0,"tool_use":0,"total":397},"estimated_tokens":7,"cost_usd":0.00102,\
                "remedy_cost_usd":0.00012}]
                """)
    }

    @Test("the JSON of a session has the documented shape")
    func sessionJSON() throws {
        let report = try #require(try filled().reader().session("s1abcd"))
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(ReportJSON.session(report)))
                as? [String: Any])
        #expect(json["id"] as? String == "s1abcd")
        #expect(json["started"] as? String == "2026-11-21T08:00:00.000Z")
        #expect((json["client_close"] as? [String: Any])?["code"] as? Int == 1000)
        let turn = try #require((json["turns"] as? [[String: Any]])?.first)
        #expect(turn["n"] as? Int == 1)
        #expect((turn["transcript"] as? [String: Any])?["model"] as? String == "Good morning")
        #expect(turn["cost_usd"] as? Double == 0.00063)
        let event = try #require((json["events"] as? [[String: Any]])?.last)
        #expect(event["t"] as? Double == 2)
        #expect(event["what"] as? String == "output_transcription")
    }

    @Test("a timeline is drawn in lanes, with what one side says in one go together")
    func drawing() throws {
        let report = try #require(try filled().reader().session("s1abcd"))
        let lines = TimelineDrawing(width: 100).lines(report)
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(
            lines.contains(
                "    1.000 │ heard: Hello                 │                              │"
            ) || lines.contains { $0.hasPrefix("    1.000 │ heard: Hello ") })
        #expect(lines.contains { $0.contains("│ says: Good morning") })
        #expect(lines.contains("total 0.001020 USD"))
    }

    @Test("what a peer sent cannot move the cursor")
    func controlCharacters() {
        var event = TimelineEvent()
        event.lane = "gemini"
        event.text = "a\u{1B}[2J\rb\u{7F}c\nd"
        let lines = TimelineDrawing(width: 60).lines(event)
        #expect(lines.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    }

    @Test("CSV is quoted where it must be, and starts no formula")
    func csv() {
        var row = UsageRow()
        row.tenant = "=a\"b,c"
        row.cost = 1_234_567
        let lines = ReportText.usageCSV([row])
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("tenant,sessions,turns,prompt_text,"))
        #expect(lines[1].hasPrefix("\"'=a\"\"b,c\",0,0,"))
        #expect(lines[1].hasSuffix(",1.234567,0.000000"))
    }

    @Test("an id may be cut short where one session fits, not where two do")
    func prefix() throws {
        let reader = try filled().reader()
        #expect(try reader.session("s1ab")?.summary.id == "s1abcd")
        #expect(try reader.session("s1")?.summary.id == nil)
        #expect(try reader.session("nobody") == nil)
    }

    @Test("a reader sees what a writer writes meanwhile")
    func concurrent() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        let reader = try shelf.reader()
        #expect(try reader.newestEvent() == -1)
        for record in conversation("s1") { ledger.append(record) }
        ledger.flush()
        let events = try reader.events(after: -1)
        #expect(events.count == 5)
        #expect(try reader.newestEvent() >= events[4].number)
        #expect(try reader.events(after: events[3].number, session: "s1").count == 1)
        ledger.close()
    }

    @Test("a support bundle tells the story and leaves the words out")
    func bundle() throws {
        let reader = try filled().reader()
        for keepsWords in [false, true] {
            let bundle = try #require(
                try SupportBundle("s1abcd", from: reader, keepsWords: keepsWords))
            let json = text(bundle.json(version: "1.0", made: at(99)))
            #expect(try JSONSerialization.jsonObject(with: Data(json.utf8)) is [String: Any])
            #expect(json.contains("dead_air: 1.2s"))
            #expect(!json.contains("dead_air: 9s"))
            #expect(json.contains("promptTokenCount"))
            for word in ["Hello", "Good morning", "secret"] {
                #expect(json.contains(word) == keepsWords, "\(word)")
            }
        }
        #expect(try SupportBundle("nobody", from: reader, keepsWords: false) == nil)
    }
}

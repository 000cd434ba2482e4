import Basics
import Foundation
import Testing
import Usage

@testable import Ledger

@Suite("Reading the books")
struct ReportTests {
    private func filled(_ store: Store = .sqlite) throws -> Shelf {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        ledger.append(.policyLoaded(tenant: "acme", at: at(-5), text: "dead_air: 1.2s"))
        ledger.append(.policyLoaded(tenant: "acme", at: at(50), text: "dead_air: 9s"))
        for record in conversation("s1abcd") { ledger.append(record) }
        for record in conversation("s2abcd", tenant: "other") { ledger.append(record) }
        ledger.append(.sessionOpened(id: "live", tenant: "acme", at: at(20)))
        ledger.close()
        return shelf
    }

    @Test(
        "sums equal the sum of the turns, however they are grouped", arguments: Store.all)
    func sums(_ store: Store) throws {
        let reader = try filled(store).reader()
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

    @Test(
        "a turn belongs to the model that answered it, and its session is found by either",
        arguments: Store.all)
    func models(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        let records = conversation("s1")
        // Before the second turn ends, another model goes on.
        let place = try #require(
            records.firstIndex { if case .toolCall = $0 { true } else { false } })
        for record in records[..<place] { ledger.append(record) }
        ledger.append(.modelNamed(session: "s1", model: "gemini-2.5-live"))
        ledger.append(
            .connectionOpened(
                Record.Connection(
                    session: "s1", number: 2, opened: at(6), resumed: false,
                    model: "gemini-2.5-live")))
        for record in records[place...] {
            guard case .sessionEnded(var ending) = record else {
                ledger.append(record)
                continue
            }
            ending.model = "gemini-2.5-live"
            ledger.append(.sessionEnded(ending))
        }
        ledger.close()
        let reader = try shelf.reader()
        for by in ["model", "tenant+model", "model+day"] {
            let rows = try reader.usage(by: #require(UsageGrouping(by)))
            #expect(rows.map(\.model) == ["gemini-2.5-live", "gemini-3.8-live"])
            #expect(rows.map(\.turns) == [1, 1] && rows.map(\.sessions) == [1, 0])
            #expect(rows.map(\.cost) == [390, 630])
            #expect(rows.map(\.reported.prompt.audio) == [90, 50])
        }
        // So whoever adds up a report by the models of its turns comes to the same.
        let turns = try #require(try reader.session("s1")).turns
        #expect(turns.map(\.model) == ["gemini-3.8-live", "gemini-2.5-live"])
        #expect(turns.map(\.usage.cost) == [630, 390])
        let sessions = try reader.usage(by: #require(UsageGrouping("session")))
        #expect(sessions.map(\.model) == ["gemini-2.5-live"] && sessions.map(\.turns) == [2])
        for model in ["3.8", "2.5", "gemini", "1.5"] {
            var query = SessionQuery()
            query.model = model
            #expect(try reader.sessions(query).sessions.count == (model == "1.5" ? 0 : 1))
            query.model = nil
            query.text = model + "-live"
            #expect(
                try reader.sessions(query).sessions.count
                    == (["3.8", "2.5"].contains(model) ? 1 : 0))
        }
    }

    @Test(
        "each count of a turn is in the sums, reported and estimated", arguments: Store.all)
    func counts(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        ledger.append(.sessionOpened(id: "s1", tenant: "acme", at: at(0)))
        var expected = Tokens()
        for number in 1...5 {
            var turn = Record.Turn(
                session: "s1", input: "audio", started: at(Double(number)),
                ended: at(Double(number) + 0.5), outcome: "answered",
                usage: TurnUsage(turn: number))
            var tokens = Tokens()
            for (place, modality) in Modality.allCases.enumerated() {
                tokens.prompt[modality] = Int64(number * 1000 + place)
                tokens.response[modality] = Int64(number * 100 + place)
            }
            // What a peer reports may be anything.
            (tokens.thoughts, tokens.cached, tokens.toolUse) = (7, .max, Int64(number) << 40)
            // One without any.
            if number == 3 { tokens = Tokens() }
            (turn.usage.reported, turn.usage.estimated) = (tokens, tokens)
            expected = expected + tokens
            ledger.append(.turnEnded(turn))
        }
        ledger.append(ended("s1"))
        ledger.close()
        let rows = try shelf.reader().usage(by: .tenant)
        #expect(rows.map(\.turns) == [5])
        #expect(rows.map(\.reported) == [expected] && rows.map(\.estimated) == [expected])
    }

    @Test(
        "words with a character 0 are written, and a sign with an accent is no wildcard",
        arguments: Store.all)
    func characters(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        for var record in conversation("s1") {
            if case .turnEnded(var turn) = record, turn.usage.turn == 1 {
                turn.userText = "He\0llo"
                record = .turnEnded(turn)
            }
            if case .event(var event) = record, event.what == "output_transcription" {
                event.text = "says: Good\0morning"
                record = .event(event)
            }
            ledger.append(record)
        }
        ledger.close()
        #expect(ledger.condition.lost == 0 && ledger.condition.outage == nil)
        let report = try #require(try shelf.reader().session("s1"))
        #expect(report.turns.first?.userText == "He\u{FFFD}llo")
        #expect(report.events.last?.text == "says: Good\u{FFFD}morning")
        func found(_ words: String) throws -> Int {
            var query = SessionQuery()
            query.words = words
            return try shelf.reader().sessions(query).sessions.count
        }
        #expect(try found("GOOD") == 1)
        #expect(try found("%") == 0 && found("%\u{301}") == 0 && found("G_\u{301}od") == 0)
    }

    @Test(
        "words are found in either case of any alphabet, however few, and numbers, too",
        arguments: Store.all)
    func words(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        for var record in conversation("s1") {
            if case .turnEnded(var turn) = record, turn.usage.turn == 1 {
                turn.userText = "Frau MÜLLER, код МИР, 你好"
                turn.modelText = "Ihr Code ist 4711 \\ 5%"
                record = .turnEnded(turn)
            }
            ledger.append(record)
        }
        ledger.append(ended("s2", at: 3))
        ledger.close()
        func found(_ field: WritableKeyPath<SessionQuery, String?>, _ words: String) throws
            -> [String]
        {
            var query = SessionQuery()
            query[keyPath: field] = words
            return try shelf.reader().sessions(query).sessions.map(\.id)
        }
        for words in [
            "müller", "Müller", "frau mü", "мир", "КОД", "你好", "你", "4711", "\\ 5%", "471",
        ] {
            #expect(try found(\.words, words) == ["s1"], "\(words)")
            #expect(try found(\.text, words) == ["s1"], "\(words)")
        }
        for words in ["mueller", "1011", "好你", "4712", "_711", "5%%"] {
            #expect(try found(\.words, words) == [] && found(\.text, words) == [], "\(words)")
        }
        // Of the latin alphabet two letters are in everything.
        #expect(try found(\.words, "IC") == [] && found(\.words, "ih") == ["s1"])
        #expect(try found(\.text, "ih") == [])
    }

    @Test(
        "sessions come in the requested order",
        arguments: Store.all)
    func orders(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        for record in conversation("s1") + [ended("s2", at: 50), ended("s3", at: 3)] {
            ledger.append(record)
        }
        ledger.append(
            .event(
                Record.Event(
                    session: "s4", at: .seconds(1), what: "stalled", lane: "gemini", text: "")))
        ledger.append(ended("s4", at: 2))
        ledger.close()
        func first(_ order: SessionQuery.Order) throws -> String? {
            var query = SessionQuery()
            query.order = order
            query.limit = 1
            let page = try shelf.reader().sessions(query)
            #expect(page.next == nil)
            return page.sessions.first?.id
        }
        #expect(try first(.cost) == "s1")
        #expect(try first(.firstSound) == "s1")
        #expect(try first(.length) == "s2")
        #expect(try first(.remedies) == "s4")
    }

    @Test(
        "consecutive words of one side are one utterance, whatever others say meanwhile")
    func utterances() {
        var utterances = Utterances()
        var told: [String] = []
        func hear(_ session: String, _ what: String, _ text: String, at second: Int64) {
            var event = TimelineEvent()
            (event.session, event.what, event.text) = (session, what, text)
            let now = Instant(nanoseconds: second * 1_000_000_000)
            told += utterances.add(event, at: now).map { "\($0.session) \($0.text)" }
        }
        hear("a", "input_transcription", "heard: Hel", at: 1)
        hear("b", "input_transcription", "heard: what", at: 1)
        hear("a", "input_transcription", "heard: lo", at: 2)
        #expect(told.isEmpty)
        hear("a", "turn_started", "turn 1", at: 2)
        #expect(told == ["a heard: Hello", "a turn 1"])
        hear("b", "output_transcription", "says: now", at: 3)
        #expect(told.last == "b heard: what")
        #expect(utterances.settled(at: Instant(nanoseconds: 4_000_000_000)).isEmpty)
        #expect(utterances.settled().map(\.text) == ["says: now"])
        #expect(utterances.settled().isEmpty)
    }

    @Test(
        "a tenant's usage includes how much of its daily budget is spent",
        arguments: Store.all)
    func budgets(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        ledger.append(
            .policyLoaded(
                tenant: "acme", at: at(-9), text: "a: 1\nbudget.day_usd: 0.5  # acme.yaml:3"))
        ledger.append(
            .policyLoaded(tenant: "other", at: at(-9), text: "budget.day_usd: null  # built in"))
        for record in conversation("s1") + conversation("s2", tenant: "other") {
            ledger.append(record)
        }
        ledger.close()
        func rows(_ now: WallTime) throws -> [UsageRow] {
            try shelf.reader().usage(.tenant, since: nil, until: nil, tenant: nil, at: now)
        }
        let today = try rows(at(60))
        #expect(today.map { $0.dayBudget?.most } == [500_000, nil])
        #expect(today.first?.dayBudget?.used == 1020)
        let table = ReportText.usage(today)
        #expect(table[0].split(separator: " ").prefix(3) == ["TENANT", "SESSIONS", "MINUTES"])
        #expect(table[1].split(separator: " ")[2].contains("."))
        let lengths: [Interval] = [.zero, .seconds(51), .seconds(599), .seconds(600)]
        #expect(lengths.map(ReportText.minutes) == ["0.0", "0.8", "9.9", "10"])
        #expect(
            table.contains("budget of acme today: 0.001020 of 0.500000 USD, 0 %"))
        #expect(
            text(ReportJSON.usage(today)).contains(
                #""budget_day_usd":0.5,"budget_day_used_usd":0.00102"#))
        // Once, of however many rows; a part of a tenant spends the budget of all.
        for grouping in ["tenant+model", "tenant+day", "month+tenant"] {
            let parts = try shelf.reader().usage(
                #require(UsageGrouping(grouping)), since: nil, until: nil, tenant: nil, at: at(60))
            let lines = ReportText.usage(parts + parts).filter { $0.hasPrefix("budget") }
            #expect(lines == ["budget of acme today: 0.001020 of 0.500000 USD, 0 %"])
        }
        #expect(try rows(at(90_000)).first?.dayBudget?.used == 0)
        #expect(LedgerReader.dayBudget("budget.day_usd: 12  # x") == 12_000_000)
        #expect(LedgerReader.dayBudget("budget.day_usd: 1e9") == nil)
    }

    @Test(
        "moments are days, times, words or ages")
    func moments() {
        let now = at(3600)
        #expect(WallTime("today", before: now) == WallTime("2026-11-21"))
        #expect(WallTime("yesterday", before: now) == WallTime("2026-11-20"))
        #expect(WallTime("7d", before: now) == now - .seconds(7 * 86_400))
        #expect(WallTime("2026-11-21T08:30", before: now) == at(1800))
        #expect(WallTime("tomorrow", before: now) == nil)
    }

    @Test(
        "the JSON of usage has the documented shape",
        arguments: Store.all)
    func usageJSON(_ store: Store) throws {
        let rows = try filled(store).reader().usage()
        #expect(
            text(ReportJSON.usage(Array(rows.suffix(1)))) == """
                [{"tenant":"other","model":"gemini-3.8-live","sessions":1,"turns":2,"minutes":0.15,"tokens":\
                {"prompt":{"text":200,"audio":140},"response":{"text":7,"audio":50},"thoughts":0,\
                "cached":0,"tool_use":0,"total":397},"estimated_tokens":7,"cost_usd":0.00102,\
                "remedy_cost_usd":0.00012}]
                """)
    }

    @Test(
        "the JSON of a session has the documented shape",
        arguments: Store.all)
    func sessionJSON(_ store: Store) throws {
        let report = try #require(try filled(store).reader().session("s1abcd"))
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(ReportJSON.session(report)))
                as? [String: Any])
        #expect(json["id"] as? String == "s1abcd")
        #expect(json["started"] as? String == "2026-11-21T08:00:00.000Z")
        #expect((json["client_close"] as? [String: Any])?["code"] as? Int == 1000)
        let turn = try #require((json["turns"] as? [[String: Any]])?.first)
        #expect(turn["n"] as? Int == 1)
        #expect(turn["model"] as? String == "gemini-3.8-live")
        #expect((turn["transcript"] as? [String: Any])?["model"] as? String == "Good morning")
        #expect(turn["cost_usd"] as? Double == 0.00063)
        let event = try #require((json["events"] as? [[String: Any]])?.last)
        #expect(event["t"] as? Double == 2)
        #expect(event["what"] as? String == "output_transcription")
    }

    @Test(
        "a timeline is drawn in lanes, with one side's consecutive words together",
        arguments: Store.all)
    func drawing(_ store: Store) throws {
        let report = try #require(try filled(store).reader().session("s1abcd"))
        let lines = TimelineDrawing(width: 100).lines(report)
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(
            lines.contains(
                "    1.000 │ heard: Hello                 │                              │"
            ) || lines.contains { $0.hasPrefix("    1.000 │ heard: Hello ") })
        #expect(lines.contains { $0.contains("│ says: Good morning") })
        #expect(lines.contains("total 0.001020 USD"))
    }

    @Test(
        "a drawing names the end user, and says once how often a turn was moved",
        arguments: Store.all)
    func repeated(_ store: Store) throws {
        var report = try #require(try filled(store).reader().session("s1abcd"))
        report.summary.endUser = "ann"
        report.turns[0].remedies = ["resumed", "replayed", "resumed", "replayed", "rebuilt"]
        let lines = TimelineDrawing(width: 100).lines(report)
        #expect(lines.first?.hasSuffix("end user ann") == true)
        #expect(lines.contains { $0.contains("  resumed ×2, replayed ×2, rebuilt  ") })
    }

    @Test("text from a peer cannot move the cursor")
    func controlCharacters() {
        var event = TimelineEvent()
        event.lane = "gemini"
        event.text = "a\u{1B}[2J\rb\u{7F}c\nd"
        let lines = TimelineDrawing(width: 60).lines(event)
        #expect(lines.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    }

    @Test("CSV is quoted where necessary, and starts no formula")
    func csv() {
        var row = UsageRow()
        row.tenant = "=a\"b,c"
        row.cost = 1_234_567
        row.lasted = .seconds(90)
        let lines = ReportText.usageCSV([row])
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("tenant,sessions,turns,prompt_text,"))
        #expect(lines[1].hasPrefix("\"'=a\"\"b,c\",0,0,"))
        #expect(lines[1].hasSuffix(",1.234567,0.000000,1.5"))
        #expect(lines[0].hasSuffix(",cost_usd,remedy_cost_usd,minutes"))
    }

    @Test("CSV has no control characters, whoever wrote them, and no line of its own")
    func plainCSV() {
        let odd = "a\u{1B}[2J\u{07}\r\nb\tc\u{9B}\u{7F}\u{2028}d\u{0}"
        var row = UsageRow()
        (row.tenant, row.model, row.endUser, row.session) = (odd, odd, odd, odd)
        var session = SessionSummary()
        (session.id, session.tenant, session.model, session.endUser) = (odd, odd, odd, odd)
        (session.outcome, session.closeReason, session.geminiCloseReason) = (odd, odd, odd)
        session.troubles = [RemedyCount(what: odd, count: 1)]
        for lines in [ReportText.usageCSV([row]), ReportText.sessionsCSV([session])] {
            #expect(lines.count == 2)
            for scalar in lines.joined().unicodeScalars {
                #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
                #expect(scalar.value != 0x2028)
            }
            #expect(lines[1].contains("[2J"))
        }
    }

    @Test(
        "an id may be abbreviated if one session matches, not if two do",
        arguments: Store.all)
    func prefix(_ store: Store) throws {
        let reader = try filled(store).reader()
        #expect(try reader.session("s1ab")?.summary.id == "s1abcd")
        #expect(try reader.session("s1")?.summary.id == "s1abcd")
        #expect(try reader.session("s")?.summary.id == nil)
        #expect(try reader.session("")?.summary.id == nil)
        #expect(try reader.session("nobody") == nil)
    }

    @Test(
        "a reader sees concurrent writes",
        arguments: Store.all)
    func concurrent(_ store: Store) throws {
        let shelf = try Shelf(store)
        let ledger = try shelf.open()
        let reader = try shelf.reader()
        #expect(try reader.newestEvent() == -1)
        for record in conversation("s1") { ledger.append(record) }
        ledger.flush()
        let events = try reader.events(after: -1)
        #expect(events.count == 5)
        #expect(try reader.newestEvent() >= events[4].number)
        let own = try reader.events(after: -1, session: "s1")
        #expect(try reader.events(after: own[3].number, session: "s1").count == 1)
        ledger.close()
    }

    @Test(
        "a support bundle contains the timeline and leaves out the words",
        arguments: Store.all)
    func bundle(_ store: Store) throws {
        let reader = try filled(store).reader()
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

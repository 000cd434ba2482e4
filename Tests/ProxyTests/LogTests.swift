import Basics
import Foundation
import Metrics
import Policies
import Sessions
import Testing
import Wire

@testable import Proxy

@Suite("The log")
struct LogTests {
    static let hostile = [
        "", " ", "a b", "a=b", "quote\" and \\ backslash", "line\none\r\ntwo",
        "\u{0}\u{1}\u{1B}[2J",
        "\u{7F}\u{9B}31mred", "right\u{202E}tfel", "two\u{2028}lines", "zero\u{200B}width\u{FEFF}",
        "tag\u{E0041}", "plain", "ünïcödé \u{1F600}", "{\"json\":true}",
        String(repeating: "x", count: 5000), String(repeating: "\u{1F600}", count: 1000),
        String(repeating: "\n", count: 5000),
    ]

    private func lines(_ format: Log.Format, _ text: String) -> String {
        let log = Log(format: format)
        defer { log.close() }
        let line = log.render(
            .info, "session ended",
            [
                ("reason", .string(text)), ("turns", .integer(3)), ("seconds", .seconds(1.25)),
                ("cost_usd", .dollars(1_000_042)),
            ])
        return String(decoding: line, as: UTF8.self)
    }

    @Test("a line of JSON is one line and parses, whatever a peer said", arguments: hostile)
    func json(text: String) throws {
        let line = lines(.json, text)
        #expect(line.filter(\.isNewline) == "\n" && line.hasSuffix("\n"))
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let found = try #require(object)
        #expect(found["level"] as? String == "info")
        #expect(found["message"] as? String == "session ended")
        #expect(found["turns"] as? Int == 3)
        #expect(found["seconds"] as? Double == 1.25)
        #expect(found["cost_usd"] as? Double == 1.000042)
        guard !text.isEmpty else { return #expect(found["reason"] == nil) }
        let kept = try #require(found["reason"] as? String)
        if text.utf8.count <= LogText.limit {
            #expect(kept == text)
        } else {
            #expect(kept.hasSuffix("...") && text.hasPrefix(kept.dropLast(3)))
        }
    }

    @Test("no line contains control sequences or invisible characters", arguments: hostile)
    func controls(text: String) {
        for format in [Log.Format.text, .json] {
            let line = lines(format, text)
            #expect(line.utf8.count < 4000)
            for scalar in line.dropLast().unicodeScalars {
                let isHarmless =
                    scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
                    && ![.format, .control, .lineSeparator, .paragraphSeparator].contains(
                        scalar.properties.generalCategory)
                #expect(isHarmless, "U+\(String(scalar.value, radix: 16))")
            }
        }
    }

    @Test("plain words stand without quotes in text, others with them")
    func text() {
        #expect(lines(.text, "bye").contains(" reason=bye turns=3 seconds=1.25 cost_usd=1.000042"))
        #expect(lines(.text, "good bye").contains(#" reason="good bye" turns=3"#))
        // What is empty does not apply.
        #expect(lines(.text, "").contains(" session ended turns=3"))
    }

    @Test("a tenant whose client's key begins with its name keeps it; what others say does not")
    func names() {
        for format in [Log.Format.text, .json] {
            let log = Log(format: format)
            log.scrubs(with: Scrubber(["piedpiper-client-key-0123456789"]))
            let said = [
                ("tenant", Log.Value.own("piedpiper")), ("model", .string("piedpiper")),
                ("why", .string("piedpiper-client-key-0123456789")),
            ]
            let line = String(decoding: log.render(.info, "bye", said), as: UTF8.self)
            #expect(line.components(separatedBy: "piedpiper").count == 3)
            #expect(line.components(separatedBy: Scrubber.mark).count == 2)
            log.close()
        }
    }

    @Test("lines beyond the limit are dropped, and counted")
    func overflow() {
        let log = Log(level: .error)
        log.write(.info, "not for this level")
        #expect(log.lost == 0)
        log.close()
        for _ in 0..<5 { log.write(.error, "after the end") }
        #expect(log.lost == 5)
    }
}

@Suite("Credentials in what others say")
struct RedactionTests {
    @Test(
        "are taken out",
        arguments: [
            ("API key not valid: AIzaSyA1234567890abcdefghijklmnopqrstu", "API key not valid: *"),
            ("GET /ws/x?key=abcdefgh12345678&alt=ws", "GET /ws/x?key=*&alt=ws"),
            ("?access_token=ya29.a0Af_byDabc-def", "?access_token=*"),
            ("Authorization: Bearer eyJhbGciOi.eyJpc3Mi.c2ln", "Authorization: Bearer *"),
            ("authorization: TOKEN auth_tokens/0123456789abcdef", "authorization: TOKEN *"),
            ("name: auth_tokens/0123456789abcdef.", "name: auth_tokens/*"),
            ("X-Goog-Api-Key:  secret-secret, bye", "X-Goog-Api-Key: *, bye"),
        ])
    func redacted(said: String, kept: String) {
        let kept = kept.replacingOccurrences(of: "*", with: Credentials.mark)
        let collapsed = Credentials.redacted(said).replacingOccurrences(of: "  ", with: " ")
        #expect(collapsed == kept)
    }

    @Test(
        "ordinary words stay",
        arguments: [
            "", "bye", "a token is missing", "API key not valid. Please pass a valid API key.",
            "models/gemini-1 is not found for API version v1beta", "monkey=business",
            "You exceeded your current quota, please check your plan", "AIza", "key=short",
        ])
    func untouched(said: String) {
        let isUntouched = Credentials.redacted(said) == said || said.hasPrefix("monkey")
        #expect(isUntouched)
    }
}

@Suite("A session's story in short")
struct SessionStoryTests {
    private func text(_ story: SessionStory) -> String {
        let log = Log(format: .text)
        defer { log.close() }
        let line = String(
            decoding: log.render(.info, "session ended", story.fields()), as: UTF8.self)
        return line.components(separatedBy: "session ended ").last ?? ""
    }

    @Test("a quiet one is short")
    func quiet() {
        var story = SessionStory()
        story.note(.closed(.client, Close(1000, ""), by: .client))
        #expect(
            text(story)
                == "turns=0 tokens=0 cost_usd=0.000000 client_bytes=0 gemini_bytes=0 "
                + "client_close=1000 client_closed_by=client\n")
    }

    @Test("turns by outcome, remedies, rules, tokens and cost, closes with peer and reason")
    func eventful() {
        var story = SessionStory()
        story.bytesFromClient = 1234
        story.bytesFromGemini = 56789
        story.note(.connected(1))
        for (turn, outcome) in [(1, TurnOutcome.answered), (2, .lost), (3, .answered)] {
            story.note(.turnStarted(turn, .audio))
            story.note(.firstAudio(turn, after: .milliseconds(Int64(turn) * 500)))
            story.note(.turnEnded(turn, outcome))
        }
        story.note(.ruleApplied(.audioOutsideActivity, .enforce, detail: .none))
        story.note(.ruleApplied(.audioOutsideActivity, .enforce, detail: .none))
        story.note(.ruleApplied(.shortActivity, .observe, detail: .none))
        story.note(.stalled(.noOutput, turn: 2))
        story.note(.nudged(turn: 2, .noOutput))
        story.note(.connected(2))
        story.note(.reconnected(2, .dead, .resumed, after: .seconds(1)))
        story.used(100, cost: 300)
        story.used(50, cost: 600)
        story.note(.closed(.gemini, Close(1011, "Internal error\nencountered."), by: .gemini))
        story.note(.closed(.client, Close(1011, "turnkeeper: lost"), by: .turnkeeper))
        #expect(
            text(story)
                == #"turns=3 answered=2 lost=1 first_audio=1.0 first_audio_longest=1.5 stalls=1 "#
                + #"nudges=1 resumed=1 connections=2 rules=audio_outside_activity:2 tokens=150 "#
                + #"cost_usd=0.000900 client_bytes=1234 gemini_bytes=56789 client_close=1011 "#
                + #"client_closed_by=turnkeeper client_reason="turnkeeper: lost" "#
                + #"gemini_close=1011 gemini_closed_by=gemini "#
                + #"gemini_reason="Internal error\nencountered.""# + "\n")
    }
}

@Suite("Models as labels")
struct ModelLabelsTests {
    @Test("a client that invents names gets sixteen, and does not displace others")
    func bounded() throws {
        var labels = ModelLabels()
        var shard = Shard()
        var policy = Policy()
        policy.tenant = "noisy"
        #expect(labels.unnamed("noisy", &shard) == "unknown")
        let names = Set((0..<5000).map { labels.label("gemini-\($0)", policy, &shard) })
        #expect(names.count == 17 && names.contains("other"))
        // What gemini took a setup for gets its place all the same.
        #expect(labels.label("gemini-real", policy, &shard) == "other")
        labels.accepted("gemini-real", policy)
        #expect(labels.label("gemini-real", policy, &shard) == "gemini-real")
        for number in 0..<5000 { labels.accepted("gemini-fake-\(number)", policy) }
        #expect(
            Set((0..<5000).map { labels.label("gemini-fake-\($0)", policy, &shard) }).count == 16)
        policy.tenant = "quiet"
        #expect(labels.label("gemini-mine", policy, &shard) == "gemini-mine")
        #expect(labels.label("gpt-mine", policy, &shard) == "other")
        #expect(
            labels.label("gemini-" + String(repeating: "x", count: 100), policy, &shard) == "other")
    }
}

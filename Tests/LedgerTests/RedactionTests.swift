import Basics
import Foundation
import Testing
import Usage

@testable import Ledger

@Suite("What leaves the house")
struct RedactionTests {
    private let redaction = Redaction(
        Scrubber([
            "correct horse battery", "kk-123456", "kk-12345678",
        ]))

    @Test(
        "secrets go, whatever announces them",
        arguments: [
            ("a correct horse battery b", "a [redacted] b"),
            // The longer of two that begin alike.
            ("kk-12345678", "[redacted]"), ("(kk-123456)", "([redacted])"),
            ("wss://h/ws?key=abc&x=1", "wss://h/ws?key=[redacted]&x=1"),
            ("?access_token=a.b-c%20d", "?access_token=[redacted]"),
            ("&Token=xyz' rest", "&Token=[redacted]' rest"),
            ("Authorization: Bearer abcdefghijk", "Authorization: Bearer [redacted]"),
            ("authorization: Token abc123", "authorization: Token [redacted]"),
            ("got Bearer abcdefgh.ijk here", "got Bearer [redacted] here"),
            (#"{"x-goog-api-key": "q1w2"}"#, #"{"x-goog-api-key": "[redacted]"}"#),
            (#"{\"client_secret\":\"q1w2\"}"#, #"{\"client_secret\":\"[redacted]\"}"#),
            ("API key AIzaSyA1234567890abcdefghij_-klmnop bad", "API key [redacted] bad"),
            ("AQ.Ab8RN6Jabcdefghijklmnop", "[redacted]"),
            ("ya29.a0AfH6SMBabcdefghijk.lm", "[redacted]"),
            ("auth_tokens/0123456789abcdef01", "[redacted]"),
            ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", "[redacted]"),
            (
                "a -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- b",
                "a [redacted] b"
            ),
            ("cut -----BEGIN RSA PRIVATE KEY-----\nMIIE", "cut [redacted]"),
        ])
    func scrubs(text: String, expected: String) {
        #expect(redaction.scrub(text) == expected)
        #expect(redaction.scrub(expected) == expected, "scrubbing twice changes nothing")
    }

    @Test(
        "what only looks alike stays",
        arguments: [
            "Internal error encountered.", "upstream.key: env:GEMINI_API_KEY  # acme.yaml:3",
            "the monkey=banana test", "turn 1 asked by audio", "keyboard", "AIza", "tokens: 12",
            "the bearer of news", "-----", "ein Schlüssel: groß", "", "say key= or not",
        ])
    func keeps(text: String) {
        #expect(redaction.scrub(text) == text)
    }

    @Test("short values are not considered secrets, because words would be removed with them")
    func shortSecrets() {
        #expect(Redaction(Scrubber(["a", "the", ""])).scrub("the cat") == "the cat")
    }

    @Test("any bytes give a result without a secret")
    func anyBytes() {
        var random = SeededRandom(seed: 7)
        let pieces = [
            "-----BEGIN ", "-----END ", "key=", "AIza", "Bearer ", "kk-123456", "\u{0}", "é", "\"",
            "\\", " ", ":", "authorization", "x", "-----", "eyJ", "\n",
        ]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            #expect(!redaction.scrub(text).contains("kk-123456"), "\(text.debugDescription)")
        }
    }

    @Test("a bundle contains no secret, wherever in the ledger it was, not even in pieces")
    func bundle() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        let key = "AIzaSyA1234567890abcdefghij_-klmnop"
        ledger.append(.policyLoaded(tenant: "acme", at: at(-5), text: "note: hush-hush-value"))
        for record in conversation("s1abcd") { ledger.append(record) }
        func event(_ text: String) -> Record {
            .event(
                Record.Event(
                    session: "s1abcd", at: .seconds(9), what: "closed", lane: "gemini", text: text))
        }
        // Long enough that the drawn story breaks the line in the middle of it.
        ledger.append(event("gemini closed: 1008 your key was leaked to the public: \(key)"))
        ledger.append(event("dialing wss://x/?key=hush-hush-value&access_token=t0ken-t0ken"))
        ledger.append(
            .receipt(
                session: "s1abcd", turn: 1, at: at(3), json: #"{"authorization":"s3cr3t-s3cr3t"}"#))
        ledger.append(
            .toolCall(
                Record.ToolCall(
                    session: "s1abcd", id: "c9", name: "pay", called: at(6), outcome: .open,
                    arguments: #"{"password":"op3n-s3same"}"#)))
        ledger.append(
            .sessionEnded(
                Record.Ending(
                    session: "s1abcd", tenant: "acme", model: "m", started: at(0), ended: at(9),
                    outcome: "completed", closeCode: 1008, closeReason: "Bearer abcdefgh12345")))
        ledger.close()
        let bundle = try #require(
            try SupportBundle(
                "s1abcd", from: shelf.reader(), keepsWords: true,
                redaction: Redaction(Scrubber(["hush-hush-value"]))))
        let json = text(bundle.json(version: "1.0", made: at(99)))
        for secret in [
            "hush", "AIza", "klmnop", "t0ken", "s3cr3t", "op3n", "s3same", "abcdefgh12345",
        ] {
            #expect(!json.contains(secret), "\(secret)")
        }
        #expect(json.contains("your key was leaked"))
        #expect(json.contains("Good morning"))
    }

    @Test("a bundle's file name is safe, whatever the id")
    func fileName() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        for record in conversation("../a\"b\r\nc") { ledger.append(record) }
        ledger.close()
        let bundle = try #require(
            try SupportBundle("../a\"b\r\nc", from: shelf.reader(), keepsWords: false))
        #expect(bundle.fileName == "abc")
    }
}

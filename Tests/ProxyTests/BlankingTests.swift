import Basics
import Testing
import Wire

@testable import Proxy

@Suite("Gemini's own words without our credentials")
struct BlankingTests {
    private let key = "AIzaSy-the/company+key=7f"
    private var scrubber: Scrubber { Scrubber([key]) }

    private func blanked(_ text: String) throws -> String? {
        let bytes = Array(text.utf8)
        return scrubber.blanked(bytes.span, try ServerMessage.scan(bytes.span).quotable)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("whatever is not conversation loses the value, and nothing else")
    func control() throws {
        let gone = String(repeating: "x", count: key.utf8.count)
        for text in [
            #"{"goAway":{"timeLeft":"5s","message":"key KEY"}}"#,
            #"{"debugInfo":{"authorization":"KEY"}}"#,
            #"{"usageMetadata":{"promptTokenCount":1,"x":"KEY"}}"#,
            #"{"sessionResumptionUpdate":{"newHandle":"KEY","resumable":true}}"#,
            #"{"serverContent":{"turnComplete":true},"odd":["KEY",{"KEY":1}]}"#,
            #"{"setupComplete":{"sessionId":"KEY"}}"#,
            #"{"interactionStatus":{"detail":"api_key:KEY"}}"#, #"{"interactionStatus":"KEY"}"#,
            #"{"serverContent":{"speechState":{"m":"KEY"}}}"#,
            #"{"serverContent":{"turnComplete":"KEY"}}"#,
            #"{"serverContent":{"turnCompleteReason":"KEY","modelTurn":{"parts":[{"text":"a"}]}}}"#,
            #"{"serverContent":{"modelTurn":{"parts":[{"text":"a"}]},"interrupted":["KEY"]}}"#,
            #"{"serverContent":{"inputTranscription":"KEY","outputTranscription":{"text":"a"}}}"#,
        ] {
            let quoting = text.replacing("KEY", with: key)
            #expect(try blanked(quoting) == text.replacing("KEY", with: gone))
            #expect(try blanked(text) == nil)
        }
    }

    @Test("the conversation keeps it, also in a message that has more")
    func conversation() throws {
        for text in [
            #"{"serverContent":{"modelTurn":{"parts":[{"text":"KEY"}]}}}"#,
            #"{"serverContent":{"outputTranscription":{"text":"KEY"}}}"#,
            #"{"toolCall":{"functionCalls":[{"id":"1","name":"f","args":{"a":"KEY"}}]}}"#,
        ] {
            #expect(try blanked(text.replacing("KEY", with: key)) == nil)
        }
        let both = #"{"serverContent":{"inputTranscription":{"text":"KEY"}},"odd":"KEY"}"#
        let found = try #require(try blanked(both.replacing("KEY", with: key)))
        #expect(found.contains("\"text\":\"\(key)\""))
        #expect(found.contains(#""odd":"xxxx"#))
    }

    @Test("a report of usage beside the conversation loses it, and the conversation does not")
    func usage() throws {
        for text in [
            #"{"serverContent":{"modelTurn":{"parts":[{"text":"KEY"}]}},"usageMetadata":{"x":"GONE"}}"#,
            #"{"usageMetadata":{"x":"GONE"},"toolCall":{"functionCalls":[{"id":"KEY"}]}}"#,
        ] {
            let quoting = text.replacing("KEY", with: key).replacing("GONE", with: key)
            let gone = String(repeating: "x", count: key.utf8.count)
            let expected = text.replacing("KEY", with: key).replacing("GONE", with: gone)
            #expect(try blanked(quoting) == expected)
            #expect(try blanked(text.replacing("KEY", with: key)) == nil)
        }
    }

    @Test(
        "whatever it is escaped with, names of members included",
        arguments: [
            ("-", "%2D"), ("-", "\\u002d"), ("/", "\\/"), ("-", "%25%32%44"), ("-", "\\u00252D"),
            ("-", "\\\\u002D"), ("/", "\\\\\\/"), ("A", "&#65;"), ("A", "&amp;#x41;"),
            ("A", "%5Cu0041"),
            ("-", "%26%2345%3B"), ("A", "\\u0026#65;"), ("A", "\\\\x41"), ("A", "\\\\101"),
        ])
    func escaped(_ plain: String, _ escape: String) throws {
        let form = key.replacing(plain, with: escape)
        for text in [
            #"{"error":{"message":"key KEY is"}}"#, #"{"debugInfo":{"KEY":{"KEY":["KEY"]}}}"#,
            #"{"serverContent":{"modelTurn":{"parts":[{"text":"a"}]}},"odd":{"KEY":"a KEY b"}}"#,
        ] {
            let quoting = text.replacing("KEY", with: form)
            let found = try #require(try blanked(quoting))
            let gone = String(repeating: "x", count: form.utf8.count)
            #expect(found == text.replacing("KEY", with: gone))
        }
    }

    @Test(
        "what is left is JSON, whatever the value stands beside",
        arguments: [
            #""KEY""#, #""\\KEY""#, #""\\\\KEY""#, #""\"KEY\"""#, #""C:\\KEY\\n""#,
            #""{\"re\":\"\\\\KEY\"}""#,
            #""\nKEY\n""#, #""KEY\u00e9""#, #""\u00e9KEY""#,
        ],
        [
            "AIzaSyKey7f9Q2", "nKey7f9Q2mmAbc", "uKey7f9Q2mmAbc", "u00e9Key7f9Q2mm",
            "48151623420815162342",
        ])
    func remainsJSON(_ value: String, _ key: String) throws {
        for text in [
            #"{"error":{"message":VALUE}}"#, #"{"odd":VALUE}"#, #"{"usageMetadata":{"x":VALUE}}"#,
        ] {
            let bytes = Array(
                text.replacing("VALUE", with: value.replacing("KEY", with: key)).utf8)
            let quotable = try ServerMessage.scan(bytes.span).quotable
            let blanked = Scrubber([key]).blanked(bytes.span, quotable)
            let found = try #require(blanked)
            #expect(!String(decoding: found, as: UTF8.self).contains(key.dropFirst(5)))
            let isScanned = (try? ServerMessage.scan(found.span)) != nil
            #expect(isScanned)
            let again = Scrubber([key]).blanked(found.span, quotable)
            #expect(again == nil)
        }
    }

    @Test("so does its beginning, where the text ends or breaks off")
    func beginnings() throws {
        for (end, text) in [
            (9, #"{"usageMetadata":{"x":"key CUT"}}"#), (12, #"{"odd":"CUT..."}"#),
            (20, #"{"goAway":{"message":"CUT and"}}"#),
            (
                15,
                #"{"serverContent":{"modelTurn":{"parts":[{"text":"a"}]}},"usageMetadata":{"x":"CUT"}}"#
            ),
        ] {
            let quoting = text.replacing("CUT", with: key.prefix(end))
            let expected = text.replacing("CUT", with: String(repeating: "x", count: end))
            #expect(try blanked(quoting) == expected)
        }
    }

    @Test("a value that is a number leaves a number")
    func number() throws {
        let digits = "48151623420815162342"
        let bytes = Array(#"{"odd":\#(digits)}"#.utf8)
        let found = Scrubber([digits]).blanked(bytes.span, .all)
        #expect(found == Array(#"{"odd":11111111111111111111}"#.utf8))
    }
}

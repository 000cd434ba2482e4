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
}

import Basics
import Testing

@testable import Wire

@Suite("What gemini says in its own words")
struct QuotationTests {
    @Test(
        "is told from the conversation",
        arguments: [
            (#"{"goAway":{"timeLeft":"50s","message":"x"}}"#, ServerMessage.Quotable.all),
            (#"{"debugInfo":{"a":"x"}}"#, .all), (#"{"setupComplete":{"sessionId":"x"}}"#, .all),
            (#"{"sessionResumptionUpdate":{"newHandle":"x","resumable":true}}"#, .all),
            (#"{"usageMetadata":{"promptTokenCount":1,"x":"x"}}"#, .all),
            (#"{"serverContent":{"turnComplete":true},"usageMetadata":{"x":"x"}}"#, .all),
            (#"{"error":{"code":400,"message":"x"}}"#, .all),
            (#"{"serverContent":{"turnComplete":true}}"#, .nothing),
            (#"{"serverContent":{"interrupted":true}}"#, .nothing),
            (#"{"serverContent":{"outputTranscription":{"text":"x"}}}"#, .nothing),
            (#"{"serverContent":{"groundingMetadata":{"a":"x"}}}"#, .nothing),
            (#"{"serverContent":{"somethingNew":"x"}}"#, .nothing),
            (#"{"toolCall":{"functionCalls":[{"id":"1","name":"f","args":{}}]}}"#, .nothing),
            (
                #"{"serverContent":{"modelTurn":{"parts":[{"text":"x"}]}},"usageMetadata":{}}"#,
                .usage(ByteRange(72, 74))
            ),
            (
                #"{"serverContent":{"modelTurn":{"parts":[{"text":"x"}]}},"odd":"x"}"#,
                .besideConversation
            ),
            (#"{"toolCall":{"functionCalls":[]},"goAway":{}}"#, .besideConversation),
        ])
    func kinds(_ text: String, _ expected: ServerMessage.Quotable) throws {
        #expect(try ServerMessage.scan(Array(text.utf8).span).quotable == expected)
    }

    @Test("where the conversation is in a message")
    func places() throws {
        let text = #"{"a":"x","serverContent" : {"turnComplete":true},"toolCall":{"b":[]},"c":1}"#
        let bytes = Array(text.utf8)
        let found = try ServerMessage.conversation(in: bytes.span).map {
            String(decoding: bytes[$0.range], as: UTF8.self)
                .drop { $0 == " " || $0 == ":" }
        }
        #expect(found == [#"{"turnComplete":true}"#, #"{"b":[]}"#])
    }
}

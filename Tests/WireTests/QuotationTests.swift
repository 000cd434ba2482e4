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
            (#"{"serverContent":{"somethingNew":"x"}}"#, .all),
            (#"{"serverContent":{"somethingNew":{"a":["x"]},"turnComplete":false}}"#, .all),
            (#"{"serverContent":{"somethingNew":7}}"#, .nothing),
            (
                #"{"serverContent":{"modelTurn":{"parts":[{"text":"x"}],"status":"x"}}}"#,
                .besideConversation
            ),
            (
                #"{"serverContent":{"modelTurn":{"parts":[{"text":"x"}],"role":"x"}}}"#,
                .besideConversation
            ),
            (
                #"{"serverContent":{"modelTurn":{"parts":[{"text":"x","odd":"x"}]}}}"#,
                .besideConversation
            ),
            (
                #"{"serverContent":{"modelTurn":{"parts":[{"fileData":{"fileUri":"x"}}]}}}"#,
                .besideConversation
            ),
            (
                #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"data":"","name":"x"}}]}}}"#,
                .besideConversation
            ),
            (#"{"serverContent":{"modelTurn":{"parts":"x"}}}"#, .besideConversation),
            (#"{"serverContent":{"modelTurn":{"parts":["x"]}}}"#, .besideConversation),
            (
                #"{"serverContent":{"modelTurn":{"role":"model","parts":[{"text":"x"}]}}}"#,
                .nothing
            ),
            (
                #"{"serverContent":{"outputTranscription":{"text":"x","finished":true}}}"#, .nothing
            ),
            (
                #"{"serverContent":{"outputTranscription":{"text":"x","odd":"x"}}}"#,
                .besideConversation
            ),
            (#"{"serverContent":{"outputTranscription":{"text":["x"]}}}"#, .besideConversation),
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
            // What should have no room for words, and has: searched.
            (#"{"interactionStatus":"IDLE"}"#, .nothing),
            (#"{"interactionStatus":"x"}"#, .all),
            (#"{"interactionStatus":{"detail":"x"}}"#, .all),
            (#"{"interactionStatus":null}"#, .nothing),
            (#"{"interactionStatus":["x"],"toolCall":{}}"#, .besideConversation),
            (#"{"serverContent":{"interactionStatus":"IN_PROGRESS"}}"#, .nothing),
            (#"{"serverContent":{"interactionStatus":"x"}}"#, .all),
            (#"{"serverContent":{"interactionStatus":{"a":"x"}}}"#, .all),
            (#"{"serverContent":{"speechState":"SPEECH"}}"#, .nothing),
            (#"{"serverContent":{"speechState":"NON_SPEECH"}}"#, .nothing),
            (#"{"serverContent":{"speechState":"x"}}"#, .all),
            (#"{"serverContent":{"speechState":{"m":"x"}}}"#, .all),
            (#"{"serverContent":{"turnComplete":"x"}}"#, .all),
            (#"{"serverContent":{"interrupted":{"x":1}}}"#, .all),
            (#"{"serverContent":{"turnComplete":false,"interrupted":null}}"#, .nothing),
            (#"{"serverContent":{"modelTurn":"x"}}"#, .all),
            (#"{"serverContent":{"outputTranscription":"x"}}"#, .all),
            (#"{"serverContent":{"turnComplete":true,"turnCompleteReason":"x"}}"#, .all),
            (#"{"serverContent":{"turnCompleteReason":{"x":1}}}"#, .all),
            (
                #"{"serverContent":{"turnCompleteReason":"x","modelTurn":{"parts":[{"text":"x"}]}}}"#,
                .besideConversation
            ),
            (
                #"{"serverContent":{"modelTurn":{"parts":[{"text":"x"}]},"speechState":["x"]}}"#,
                .besideConversation
            ),
        ])
    func kinds(_ text: String, _ expected: ServerMessage.Quotable) throws {
        #expect(try ServerMessage.scan(Array(text.utf8).span).quotable == expected)
    }

    @Test("where the conversation is in a message")
    func places() throws {
        let text =
            #"{"a":"x","serverContent" : {"turnComplete":true,"modelTurn":{"role":"x","parts":[{"text":"#
            + #""1","odd":"x"},"x",{"text":null,"inlineData":{"mimeType":"x","data":"2"}}]},"#
            + #""turnCompleteReason":"x","new":["x"],"inputTranscription":"x","outputTranscription":{"#
            + #""text":"3","odd":"x"},"groundingMetadata":{"4":1}},"#
            + #""toolCall":{"b":[]},"c":1}"#
        let bytes = Array(text.utf8)
        let found = try ServerMessage.conversation(in: bytes.span).map {
            String(decoding: bytes[$0.range], as: UTF8.self)
                .drop { $0 == " " || $0 == ":" }
        }
        #expect(found == [#""1""#, #""2""#, #""3""#, #"{"4":1}"#, #"{"b":[]}"#])
    }
}

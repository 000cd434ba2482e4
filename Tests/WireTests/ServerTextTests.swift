import Basics
import Testing
import Wire

@Suite("Answers in text")
struct ServerTextTests {
    private func texts(_ json: String) throws -> [String] {
        let bytes = Array(json.utf8)
        _ = try ServerMessage.scan(bytes.span)
        return ServerMessage.texts(in: bytes.span).map { JSONText.unescape(bytes.span, $0) }
    }

    private func turn(_ parts: String) -> String {
        #"{"usageMetadata":{"text":"no"},"serverContent":{"modelTurn":{"role":"model","parts":[\#(parts)]}}}"#
    }

    @Test("every part that is text counts, in order and unescaped")
    func parts() throws {
        #expect(
            try texts(turn(#"{"text":"a \"b\""},{"text":""},{"text":"c","thoughtSignature":"x"}"#))
                == [#"a "b""#, "c"])
        #expect(try texts(turn("")) == [])
    }

    @Test("thoughts, code, its result and sound are no words of the answer")
    func others() throws {
        let parts =
            #"{"text":"hm","thought":true},{"thought":true,"text":"hm"},"#
            + #"{"executableCode":{"code":"text"}},{"codeExecutionResult":{"output":"4"}},"#
            + #"{"inlineData":{"mimeType":"audio/pcm","data":"AAAA"}},{"text":"Four.","thought":false}"#
        #expect(try texts(turn(parts)) == ["Four."])
    }

    @Test("both spellings, a lone part, and a transcript that is none")
    func spellings() throws {
        #expect(
            try texts(
                #"{"server_content":{"output_transcription":{"text":"no"},"model_turn":{"parts":{"text":"yes"}}}}"#
            ) == ["yes"])
    }

    @Test("bytes that are no message have no text")
    func broken() {
        for json in ["", "[]", #"{"serverContent":{"modelTurn":{"parts":[{"text":"#, "{}"] {
            let bytes = Array(json.utf8)
            #expect(ServerMessage.texts(in: bytes.span).isEmpty)
        }
    }
}

import Basics
import Testing
import Wire

@testable import Recording

@Suite("What a recording keeps of a message")
struct RedraftTests {
    private func redraft(
        _ message: String, words: Bool = true, arguments: Bool = false, audio: Bool = false
    ) throws -> String {
        let redraft = Redraft(
            keepsWords: words, keepsArguments: arguments, keepsAudio: audio, salt: 7)
        let original = Array(message.utf8)
        let bytes = redraft.redraft(original.span)
        return String(decoding: try #require(bytes), as: UTF8.self)
    }

    private func restored(_ text: String) throws -> String {
        let bytes = Array(text.utf8)
        let whole = try JSONPlaces.object(bytes.span)
        return String(decoding: try Redraft.restore(bytes.span, whole), as: UTF8.self)
    }

    private func audio(_ sample: Int16, bytes: Int) -> String {
        let word = UInt16(bitPattern: sample)
        let pair = [UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8)]
        let pcm = Array([[UInt8]](repeating: pair, count: bytes / 2 + 1).joined().prefix(bytes))
        return String(decoding: Base64.encode(pcm.span), as: UTF8.self)
    }

    private func message(_ data: String) -> String {
        #"{"realtimeInput":{"audio":{"data":"\#(data)","mimeType":"audio/pcm;rate=16000"}}}"#
    }

    @Test("a message keeps its length, also where lines are broken around it")
    func blanks() throws {
        let pretty = "\n{\n  \"serverContent\": {}\n}\n"
        #expect(try redraft(pretty) == "{   \"serverContent\": {}   }")
    }

    @Test(
        "sound goes, and comes back as long and as loud",
        arguments: [0, 1, 2, 3, 4, 5, 6, 7, 319, 640, 641, 642, 3200, 96_000],
        [Int16(0), 40, 499, 500, 12_000, .min])
    func audio(bytes: Int, sample: Int16) throws {
        let original = message(audio(sample, bytes: bytes))
        let kept = try redraft(original)
        #expect(bytes < 60 || kept.utf8.count < 150)
        let again = try restored(kept)
        #expect(again.utf8.count == original.utf8.count)
        let (one, other) = (Array(original.utf8), Array(again.utf8))
        let (was, found) = (
            try ClientMessage.scan(one.span), try ClientMessage.scan(other.span)
        )
        #expect(found == was)
        for limit in Blob.samplings {
            let loudness = Loudness.ofPCM16(base64: one.span, was.audio, limit: limit)
            let heard = Loudness.ofPCM16(base64: other.span, found.audio, limit: limit)
            #expect(heard.peak == min(loudness.peak, 32_768))
        }
    }

    @Test("a peak that sampling misses is missed again")
    func peaks() throws {
        // Loud in one sample of the second group alone, which only a closer look meets.
        var pcm = [UInt8](repeating: 0, count: 3200)
        pcm[4 * 6] = 0xFF
        pcm[4 * 6 + 1] = 0x20
        let original = Array(message(String(decoding: Base64.encode(pcm.span), as: UTF8.self)).utf8)
        let again = Array(try restored(try redraft(String(decoding: original, as: UTF8.self))).utf8)
        let range = try ClientMessage.scan(original.span).audio
        let peaks = [Loudness.glance, 48, 512].map {
            Loudness.ofPCM16(base64: original.span, range, limit: $0).peak
        }
        #expect(Set(peaks).count > 1)
        let found = [Loudness.glance, 48, 512].map {
            Loudness.ofPCM16(base64: again.span, range, limit: $0).peak
        }
        #expect(found == peaks)
    }

    @Test("words are kept, or become fillers of the same length that are equal where words are")
    func words() throws {
        let original =
            #"{"serverContent":{"outputTranscription":{"text":"Anna, hello\nAnna!"},"turnComplete":true}}"#
        #expect(try redraft(original) == original)
        let filled = try redraft(original, words: false)
        #expect(filled.utf8.count == original.utf8.count)
        #expect(!filled.contains("Anna") && !filled.contains("hello"))
        let (one, other) = (Array(original.utf8), Array(filled.utf8))
        let (was, found) = (try ServerMessage.scan(one.span), try ServerMessage.scan(other.span))
        #expect(found == was)
    }

    @Test("arguments and results of tools become fillers, equal where they were")
    func arguments() throws {
        let call = { (city: String) in
            #"{"toolCall":{"functionCalls":[{"id":"a","name":"weather","args":{"city":"\#(city)"}}]}}"#
        }
        let kept = try redraft(call("Berlin"))
        #expect(!kept.contains("Berlin") && kept.contains("weather"))
        #expect(kept.utf8.count == call("Berlin").utf8.count)
        #expect(try redraft(call("Berlin")) == kept)
        #expect(try redraft(call("Munich")) != kept)
        #expect(try redraft(call("Berlin"), arguments: true) == call("Berlin"))
        let result =
            #"{"toolResponse":{"functionResponses":[{"id":"a","response":{"x":1}},{"response":{}}]}}"#
        #expect(!(try redraft(result)).contains(#""x""#))
        let bytes = Array(try redraft(result).utf8)
        let whole = try JSONPlaces.object(bytes.span)
        #expect(whole.count == result.utf8.count)
    }

    @Test("handles and headers of tool servers are never in a recording")
    func credentials() throws {
        let handle = "Cihz0me5ecretHandle0fTheService"
        let setup = """
            {"setup":{"model":"models/m","sessionResumption":{"handle":"\(handle)"},
            "tools":[{"mcpServers":[{"streamableHttpTransport":{"headers":{"X":"hidden-pass"}}}]}]}}
            """
        let kept = try redraft(setup, words: true, arguments: true, audio: true)
        #expect(!kept.contains(handle) && !kept.contains("hidden-pass"))
        #expect(!kept.contains("\n") && kept.utf8.count == setup.utf8.count)
        let update = #"{"sessionResumptionUpdate":{"newHandle":"\#(handle)","resumable":true}}"#
        let filled = try redraft(update)
        // The same handle is the same filler, or a resume could not be followed.
        let filler = try #require(filled.split(separator: "\"").first { $0.count == handle.count })
        #expect(kept.contains(filler))
    }

    @Test("anything but a message gives nothing", arguments: ["", "[]", "{", "nonsense"])
    func nonsense(text: String) {
        let redraft = Redraft(keepsWords: true, keepsArguments: true, keepsAudio: true, salt: 1)
        let bytes = Array(text.utf8)
        let kept = redraft.redraft(bytes.span)
        #expect(kept == nil)
    }
}

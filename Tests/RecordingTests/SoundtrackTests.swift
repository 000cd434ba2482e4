import Basics
import Testing
import Wire

@testable import Recording

@Suite("The sound of a recording")
struct SoundtrackTests {
    private func base64(_ sample: Int16, _ count: Int) -> String {
        let word = UInt16(bitPattern: sample)
        let pair = [UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8)]
        let pcm = Array([[UInt8]](repeating: pair, count: count).joined())
        return String(decoding: Base64.encode(pcm.span), as: UTF8.self)
    }

    private func line(_ event: String, _ seconds: Double, _ message: String) -> [UInt8] {
        let at = Int(seconds * 1_000_000_000)
        return Array(#"{"at":\#(at),"event":"\#(event)","message":\#(message)}"#.utf8)
    }

    /// A tenth of a second.
    private func user(_ at: Double, _ sample: Int16) -> [UInt8] {
        let data = base64(sample, 1600)
        return line(
            "client", at,
            #"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"\#(data)"}}}"#)
    }

    /// One second.
    private func gemini(_ at: Double, _ sample: Int16) -> [UInt8] {
        let data = base64(sample, 24_000)
        return line(
            "gemini", at,
            #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"\#(data)"}}]}}}"#
        )
    }

    private func near(_ spans: [ClosedRange<Double>], _ wanted: [ClosedRange<Double>]) -> Bool {
        spans.count == wanted.count
            && zip(spans, wanted).allSatisfy {
                abs($0.lowerBound - $1.lowerBound) < 0.01
                    && abs($0.upperBound - $1.upperBound) < 0.01
            }
    }

    @Test("speech is where it was sent, and an answer that came at once plays piece by piece")
    func places() {
        var track = Soundtrack(window: 0..<10)
        for place in 0..<5 { track.add(user(1 + Double(place) * 0.104, 1000)) }
        for place in 0..<3 { track.add(gemini(4 + Double(place) * 0.01, 2000)) }
        #expect(near(track.spans[0], [1...1.5]))
        #expect(near(track.spans[1], [4...7]))
        #expect(track.samples[0].count == 240_000)
        #expect(track.samples[0][Int(1.25 * 24_000)] == 1000)
        #expect(track.samples[0][Int(0.9 * 24_000)] == 0)
        #expect(track.samples[1][Int(6.9 * 24_000)] == 2000)
        #expect(track.samples[1][Int(7.1 * 24_000)] == 0)
    }

    @Test("what was interrupted was not heard")
    func interrupted() {
        var track = Soundtrack(window: 0..<10)
        for _ in 0..<3 { track.add(gemini(4, 2000)) }
        track.add(line("gemini", 5.5, #"{"serverContent":{"interrupted":true}}"#))
        track.add(gemini(8, 3000))
        #expect(near(track.spans[1], [4...5.5, 8...9]))
        #expect(track.samples[1][Int(5.4 * 24_000)] == 2000)
        #expect(track.samples[1][Int(5.6 * 24_000)] == 0)
        #expect(track.samples[1][Int(8.5 * 24_000)] == 3000)
    }

    @Test("a window is a part of the whole, and never longer than a minute")
    func windows() {
        var whole = Soundtrack(window: 0..<10)
        var part = Soundtrack(window: 4.5..<6)
        for place in 0..<5 {
            whole.add(gemini(4 + Double(place) * 0.01, Int16(place * 100)))
            part.add(gemini(4 + Double(place) * 0.01, Int16(place * 100)))
        }
        #expect(part.samples[1].count == 36_000)
        #expect(part.samples[1][...] == whole.samples[1][108_000..<144_000])
        part.add(gemini(6.5, 1))
        #expect(part.isComplete)
        #expect(Soundtrack(window: 0..<1_000_000).samples[0].count == 60 * 24_000)
    }

    @Test("lines without sound, of any kind, have none")
    func others() {
        var track = Soundtrack(window: 0..<10)
        for text in [
            "", "{", "[]", "null", #"{"at":1}"#, #"{"at":"x","event":"client","message":{}}"#,
            #"{"at":1,"event":"client","message":{"realtimeInput":{"audio":{"data":{"blob":[4268,0,812]}}}}}"#,
            #"{"at":1,"event":"client","message":{"realtimeInput":{"audio":{"data":"@@@@"}}}}"#,
            #"{"at":1,"event":"gemini","message":{"serverContent":{"interrupted":true}}}"#,
            #"{"at":9223372036854775807,"event":"woke"}"#, #"{"turnkeeper_recording":1}"#,
        ] { track.add(Array(text.utf8)) }
        #expect(track.samples == Soundtrack(window: 0..<10).samples)
    }
}

import Basics
import Testing
import Wire

@testable import Sessions

/// Failure catalogue 1.3, 5.11, 16.11: input that cannot be sent yet is sent later, in order. Where
/// there is no room pictures go first, then the oldest sound; nothing else goes, and all of it is
/// counted (I10, I16).
@Suite struct EarlyInputTests {
    private static let forever = Interval.seconds(3600)

    private static func picture(_ number: Int, _ rest: String = "") throws -> FromClient {
        let data = String(repeating: "\(number % 10)", count: 4000)
        return try FromClient(
            #"{"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"\#(data)"}\#(rest)}}"#,
            isKept: true)
    }

    private static func text(_ number: Int) throws -> FromClient {
        try FromClient(#"{"realtimeInput":{"text":"t\#(number)"}}"#, isKept: true)
    }

    private static func texts(_ released: [OutboundMessage]) -> [String] {
        released.map { ($0.kept ?? []).text }
    }

    private func dropped(_ out: Actions) -> Interval {
        out.facts.reduce(.zero) { if case .inputDropped(let audio) = $1 { $0 + audio } else { $0 } }
    }

    @Test("with room everything comes out as it went in, once")
    func whole() throws {
        var (early, out) = (EarlyInput(), Actions())
        var said: [FromClient] = []
        for number in 0..<50 {
            said.append(
                try number % 7 == 0 ? Self.text(number) : .sound(UInt8(number), isKept: true))
        }
        for message in said {
            let fits = early.hold(
                message.outbound, limit: 1 << 20, hold: Self.forever, cutsPauses: false, into: &out)
            #expect(fits)
        }
        #expect(early.count == 50 && early.asks && early.size > 0 && out.isEmpty)
        #expect(Self.texts(early.release()) == said.map(\.bytes.text))
        #expect(early.isEmpty && early.size == 0 && early.audio == .zero && early.release().isEmpty)
    }

    /// Sound, words, pictures and both at once, in rooms of any size.
    @Test(arguments: Array(1...60) as [UInt64])
    func `only pictures and old sound give way, in this order, and what goes is counted`(
        seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        var (early, out) = (EarlyInput(), Actions())
        let limit = Int.random(in: 40_000...120_000, using: &random)
        let hold = Interval.milliseconds(Int64.random(in: 200...5000, using: &random))
        var (words, sounds): ([String], [String]) = ([], [])
        var pictures = 0
        for number in 0..<120 {
            let said: FromClient
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                said = try Self.text(number)
                words.append(#""text":"t\#(number)""#)
            case 1:
                said = try Self.picture(number)
                pictures += 1
            case 2:
                said = try Self.picture(number, #","text":"p\#(number)""#)
                words.append(#""text":"p\#(number)""#)
                pictures += 1
            default:
                said = try .sound(UInt8(number), isKept: true)
                sounds.append(said.bytes.text)
            }
            #expect(
                early.hold(
                    said.outbound, limit: limit, hold: hold, cutsPauses: false, into: &out))
            #expect(early.size <= limit && early.audio <= hold)
        }
        let lost = dropped(out)
        out.removeAll()
        early.tellDropped(into: &out)
        let released = Self.texts(early.release())
        // Words, wherever they were, and in order.
        let found = released.compactMap { text in words.first { text.contains($0) } }
        #expect(found == words)
        // The newest picture at most.
        let left = released.filter { $0.contains("image/jpeg") }
        #expect(left.count <= 1)
        #expect(
            out.facts == (pictures > left.count ? [.picturesReplaced(pictures - left.count)] : []))
        // The newest sound, and the rest is told.
        let heard = released.filter { $0.contains(#""audio":"#) }
        #expect(heard == Array(sounds.suffix(heard.count)))
        #expect(lost == .milliseconds(Int64(20 * (sounds.count - heard.count))))
    }

    @Test("no more sound goes than exceeds the limit, be it of seconds or of bytes")
    func exactly() throws {
        let seconds: Interval = .seconds(120)
        for (limit, hold) in [(1 << 30, seconds), (200_000, Self.forever)] {
            var (early, out) = (EarlyInput(), Actions())
            var said: [String] = []
            for number in 0..<200 {
                let message = try FromClient(
                    Compose.audio(pcm: [UInt8](repeating: UInt8(number), count: 32_000).span),
                    isKept: true)
                said.append(message.bytes.text)
                let fits = early.hold(
                    message.outbound, limit: limit, hold: hold, cutsPauses: false, into: &out)
                #expect(fits && early.size <= limit && early.audio <= hold)
                guard dropped(out) > .zero else { continue }
                // Another second would not fit.
                #expect(early.audio + .seconds(1) > hold || early.size + 32_000 > limit)
            }
            let heard = Self.texts(early.release())
            #expect(heard == said.suffix(heard.count))
            #expect(dropped(out) == .seconds(Int64(200 - heard.count)))
            #expect(limit < 1 << 30 || heard.count == 120)
        }
    }

    @Test("what must not be lost and does not fit is said not to fit")
    func overfull() throws {
        var (early, out) = (EarlyInput(), Actions())
        let long = String(repeating: "w", count: 5000)
        let said = try FromClient(#"{"realtimeInput":{"text":"\#(long)"}}"#, isKept: true)
        let fits = (0..<3).map { _ in
            early.hold(
                said.outbound, limit: 12_000, hold: Self.forever, cutsPauses: false, into: &out)
        }
        #expect(fits == [true, true, false] && early.count == 3)
    }

    @Test("it is released piece by piece, as much sound as may be sent at once")
    func pieces() throws {
        var (early, out) = (EarlyInput(), Actions())
        var said: [FromClient] = []
        for number in 0..<30 {
            said.append(try number == 9 ? Self.text(9) : .sound(UInt8(number), isKept: true))
        }
        for message in said {
            _ = early.hold(
                message.outbound, limit: 1 << 20, hold: Self.forever, cutsPauses: false, into: &out)
        }
        var all: [String] = []
        for _ in 0..<20 where !early.isEmpty {
            let piece = early.release(.milliseconds(100))
            let audio = piece.reduce(Interval.zero) { $0 + $1.message.audioDuration }
            #expect(!piece.isEmpty && audio <= .milliseconds(100))
            all += Self.texts(piece)
        }
        #expect(all == said.map(\.bytes.text) && early.audio == .zero)
    }

    @Test("in automatic detection long pauses are shortened, and told; speech around them is whole")
    func pauses() throws {
        var (early, out) = (EarlyInput(), Actions())
        var (voices, count) = ([String](), 0)
        for number in 0..<600 {
            // Half a second of voice, then five of silence.
            let isVoice = number % 275 < 25
            let said = try FromClient.sound(isVoice ? 0x30 : 0, isKept: true)
            if isVoice { voices.append(said.bytes.text) }
            count += 1
            _ = early.hold(
                said.outbound, limit: 1 << 20, hold: Self.forever, cutsPauses: true, into: &out)
        }
        early.tellDropped(into: &out)
        let released = early.release()
        #expect(Self.texts(released).filter { voices.contains($0) } == voices)
        let skipped = out.facts.reduce(Interval.zero) {
            if case .silenceSkipped(let silence) = $1 { $0 + silence } else { $0 }
        }
        // The last message of a pause is sent with what follows it.
        let sent = Interval.milliseconds(Int64(20 * released.count))
        #expect(skipped > .seconds(4))
        #expect(sent + skipped == .milliseconds(Int64(20 * count)))
    }
}

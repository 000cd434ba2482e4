import Basics
import Foundation
import Testing

@Suite("Bytes")
struct BytesTests {
    @Test("the end of text is found at every position, from every start, in every length")
    func endOfText() {
        for length in 0..<100 {
            let plain = [UInt8](repeating: UInt8(ascii: "A"), count: length)
            for start in 0...length {
                #expect(Bytes.endOfText(in: plain.span, from: start) == length)
            }
            for place in 0..<length {
                for byte: UInt8 in [0x22, 0x5C, 0x00, 0x1F, 0x0A] {
                    var bytes = plain
                    bytes[place] = byte
                    #expect(Bytes.endOfText(in: bytes.span, from: 0) == place)
                    #expect(Bytes.endOfText(in: bytes.span, from: place) == place)
                    #expect(Bytes.endOfText(in: bytes.span, from: place + 1) == length)
                }
            }
        }
    }

    @Test("exactly quotes, backslashes and controls end text")
    func everyByte() {
        for byte in UInt8.min...UInt8.max {
            let ends = byte == 0x22 || byte == 0x5C || byte < 0x20
            for length in [1, 15, 16, 17, 80, 200] {
                let bytes = [UInt8](repeating: byte, count: length)
                #expect(Bytes.endOfText(in: bytes.span, from: 0) == (ends ? 0 : length))
            }
        }
    }

    @Test("plain text has nothing that ends or interrupts it, wherever that would be")
    func plainText() {
        for length in 32..<330 {
            var bytes = [UInt8](repeating: UInt8(ascii: "A"), count: length + 2)
            (bytes[0], bytes[length + 1]) = (0x22, 0x5C)
            #expect(Bytes.isPlainText(bytes.span, 1..<length + 1) == true)
            for place in 1...length {
                bytes[place] = [0x22, 0x5C, 0x00, 0x1F, 0x20, 0x21][place % 6]
                #expect(Bytes.isPlainText(bytes.span, 1..<length + 1) == false)
                bytes[place] = [0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xFF][place % 6]
                #expect(Bytes.isPlainText(bytes.span, 1..<length + 1) == true)
            }
        }
    }

    @Test("starts outside the bytes find nothing")
    func outside() {
        let bytes = [UInt8](repeating: 0x22, count: 20)
        #expect(Bytes.endOfText(in: bytes.span, from: 20) == 20)
        #expect(Bytes.endOfText(in: bytes.span, from: .max) == 20)
        #expect(Bytes.endOfText(in: bytes.span, from: -1) == 20)
    }

    @Test("words are the bytes, the first lowest, also at the end of the bytes")
    func words() {
        let bytes: [UInt8] = (1...20).map { UInt8($0) }
        #expect(Bytes.word(bytes.span, at: 0) == 0x0807_0605_0403_0201)
        #expect(Bytes.word(bytes.span, at: 12) == 0x1413_1211_100F_0E0D)
        for count in 0...8 {
            for at in 0...(20 - count) {
                let word = Bytes.word(bytes.span, at: at, count: count)
                let expected = (0..<count).reduce(0 as UInt64) {
                    $0 | UInt64(bytes[at + $1]) << UInt64($1 * 8)
                }
                #expect(word == expected)
            }
        }
    }

    @Test("bytes are compared with a literal")
    func equal() {
        let bytes = Array("xIDLEx".utf8)
        #expect(Bytes.equal(bytes.span, 1..<5, "IDLE") == true)
        #expect(Bytes.equal(bytes.span, 0..<4, "IDLE") == false)
        #expect(Bytes.equal(bytes.span, 1..<6, "IDLE") == false)
        #expect(Bytes.equal(bytes.span, 4..<8, "EXXX") == false)
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test("agrees with Foundation at every length, in either alphabet, padded or not")
    func agrees() throws {
        var random = SeededRandom(seed: 3)
        for length in 0..<70 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Base64.encode(bytes.span)
            #expect(text == Array(Data(bytes).base64EncodedString().utf8))
            let urlSafe = text.map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 }
            let bare = Array(urlSafe.prefix { $0 != 0x3D })
            #expect(Base64.decode(text.span) == bytes)
            #expect(Base64.decode(urlSafe.span) == bytes)
            #expect(Base64.decode(bare.span) == bytes)
            #expect(Base64.decodedCount(text.count, padding: text.count - bare.count) == length)
            #expect(Base64.decodedCount(bare.count, padding: 0) == length)
        }
    }

    @Test("invalid base64 is refused")
    func refuses() {
        for text in ["A", "AAAAA", "AA A", "AA\n", "====", "A===", "AA=A", "\u{0}AAA", "é"] {
            #expect(Base64.decode(Array(text.utf8).span) == nil, "\(text)")
        }
        #expect(Base64.decodedCount(0, padding: 2) == 0)
    }

    @Test("loudness distinguishes silence from sound without decoding everything")
    func loudness() {
        func loudness(_ samples: [Int16], limit: Int = 512) -> Loudness {
            let pcm = samples.flatMap {
                [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
            }
            let text = Base64.encode(pcm.span)
            return Loudness.ofPCM16(
                base64: text.span, ByteRange(0, text.count), limit: limit)
        }
        #expect(loudness([]) == Loudness())
        #expect(loudness(Array(repeating: 0, count: 320)) == Loudness())
        let steady = loudness(Array(repeating: 1000, count: 4_800))
        #expect(steady.peak == 1000 && steady.rms == 1000)
        let loud = loudness(Array(repeating: .min, count: 48))
        #expect(loud.peak == 32_768 && loud.rms == 32_768)
        let wave = loudness((0..<4_800).map { $0 % 2 == 0 ? 3000 : -3000 }, limit: 16)
        #expect(wave.peak == 3000 && wave.rms == 3000)
        let text = Array("no base64!!".utf8)
        #expect(Loudness.ofPCM16(base64: text.span, ByteRange(0, 11)) == Loudness())
        #expect(Loudness.ofPCM16(base64: text.span, ByteRange(5, 5_000)) == Loudness())
    }

    @Test("long texts end where a search byte by byte finds their end")
    func longText() {
        var dice = SeededRandom(seed: 3000)
        for _ in 0..<3_000 {
            // Base64, prose with its blanks, or anything; with an end now and then.
            let alphabet = ([0x23...0x5B, 0x20...0x7E, 0x00...0xFF] as [ClosedRange<UInt8>])
                .randomElement(using: &dice)!
            let length = Int.random(in: 0...700, using: &dice)
            var bytes = (0..<length).map { _ in UInt8.random(in: alphabet, using: &dice) }
            for place in bytes.indices where Int.random(in: 0..<300, using: &dice) == 0 {
                bytes[place] = [0x22, 0x5C, 0x07].randomElement(using: &dice)!
            }
            let start = Int.random(in: 0...length, using: &dice)
            let end = bytes[start...].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
            #expect(Bytes.endOfText(in: bytes.span, from: start) == end ?? length)
        }
    }

    @Test("loudness is that of the samples looked at, up to the first that is not base64")
    func loudnessOfAnything() {
        var dice = SeededRandom(seed: 3000)
        for _ in 0..<3_000 {
            let pcm = (0..<Int.random(in: 0...200, using: &dice)).map { _ in
                UInt8.random(in: 0...255, using: &dice)
            }
            var text = Base64.encode(pcm.span)
            if Bool.random(using: &dice) {
                text = text.map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 }
            }
            if !text.isEmpty, Int.random(in: 0..<3, using: &dice) == 0 {
                text[Int.random(in: text.indices, using: &dice)] = .random(
                    in: 0...255, using: &dice)
            }
            let limit = [1, 3, 6, 7, 48, 512].randomElement(using: &dice)!
            let found = Loudness.ofPCM16(
                base64: text.span, ByteRange(0, text.count), limit: limit)
            let (peak, rms) = naiveLoudness(text, limit: limit)
            #expect(found.peak == peak && found.rms == rms)
        }
    }

    private func naiveLoudness(_ text: [UInt8], limit: Int) -> (peak: Int32, rms: Int32) {
        let groups = text.count / 8
        let step = max(1, (groups * 3 + limit - 1) / limit)
        var samples: [Int] = []
        for group in stride(from: 0, to: groups, by: step) {
            let characters = Array(text[group * 8..<group * 8 + 8])
            guard let pcm = Base64.decode(characters.span), pcm.count == 6 else {
                let strange = characters.first {
                    Base64.decode([$0, 0x41, 0x41, 0x41].span) == nil
                }
                if strange == UInt8(ascii: "=") { break }
                return (0, 0)
            }
            for place in stride(from: 0, to: 6, by: 2) {
                samples.append(
                    Int(Int16(bitPattern: UInt16(pcm[place]) | UInt16(pcm[place + 1]) << 8)))
            }
        }
        guard !samples.isEmpty else { return (0, 0) }
        let mean = samples.reduce(0) { $0 + $1 * $1 } / samples.count
        return (Int32(samples.map { abs($0) }.max()!), Int32(Double(mean).squareRoot()))
    }

    @Test(
        "a text is decoded exactly only if encoding gives it again", arguments: [true, false],
        [true, false])
    func exactly(isURLSafe: Bool, isPadded: Bool) {
        let form = Base64.Form(isURLSafe: isURLSafe, isPadded: isPadded)
        var output: [UInt8] = []
        for length in [25, 26, 27, 48, 49, 50, 73] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length &* 11) }
            var text = Base64.encode(bytes.span, as: form)
            #expect(Base64.decode(exactly: text.span, as: form, into: &output) == length)
            #expect(Array(output[..<length]) == bytes)
            for at in text.indices {
                let old = text[at]
                for other in "+/-_=A*".utf8 where other != old {
                    text[at] = other
                    let count = Base64.decode(exactly: text.span, as: form, into: &output)
                    let again = count.map {
                        Base64.encode(output.span.extracting(..<$0), as: form)
                    }
                    #expect(again == nil || again == text, "\(length) \(at)")
                }
                text[at] = old
            }
            #expect(
                Base64.decode(exactly: (text + [61]).span, as: form, into: &output) == nil)
        }
        #expect(Base64.decode(exactly: [65, 65, 65, 65].span, as: form, into: &output) == nil)
    }
}

import Basics
import Testing
import WebSocket

struct FrameTests {
    static let lengths = [
        0, 1, 125, 126, 127, 255, 256, 65535, 65536, 65537, 1 << 24, 1 << 31, 1 << 32, 1 << 62,
    ]

    @Test("encoding and parsing returns the original", arguments: lengths)
    func identity(length: Int) throws {
        for opcode in [FrameOpcode.continuation, .text, .binary, .close, .ping, .pong]
        where !opcode.isControl || length <= 125 {
            for mask in [nil, 0, 0x0403_0201, UInt32.max] {
                for fin in opcode.isControl ? [true] : [true, false] {
                    let header = FrameHeader(
                        fin: fin, opcode: opcode, mask: mask, payloadLength: length)
                    var bytes: [UInt8] = [9]
                    header.encode(into: &bytes)
                    #expect(bytes.count == 1 + header.headerLength)
                    for end in 0..<bytes.count {
                        #expect(try parse(Array(bytes[..<end]), at: 1) == nil)
                    }
                    #expect(try parse(bytes, at: 1) == header)
                    bytes += [1, 2, 3]
                    #expect(try parse(bytes, at: 1) == header)
                }
            }
        }
    }

    @Test("the mask's first byte is its lowest")
    func maskOrder() throws {
        let bytes: [UInt8] = [0x81, 0x80, 1, 2, 3, 4]
        #expect(try parse(bytes, at: 0)?.mask == 0x0403_0201)
    }

    @Test(
        "lengths that are not in their shortest form, or too long to be real",
        arguments: [
            ([126, 0, 125], 1002), ([126, 0, 0], 1002), ([127, 0, 0, 0, 0, 0, 0, 0, 0], 1002),
            ([127, 0, 0, 0, 0, 0, 0, 255, 255], 1002),
            ([127, 128, 0, 0, 0, 0, 0, 0, 0], 1002),
            ([127, 255, 255, 255, 255, 255, 255, 255, 255], 1002),
            ([127, 127, 255, 255, 255, 255, 255, 255, 255], 1009),
            ([127, 127, 255, 255, 255, 255, 255, 255, 242], 1009),
        ] as [([UInt8], Int)])
    func badLengths(length: [UInt8], code: Int) {
        for masked in [true, false] {
            var bytes = [0x82] + length + [1, 2, 3, 4, 5]
            if masked { bytes[1] |= 0x80 }
            let blamed = #expect(throws: Violation.self) {
                try parse(bytes, at: 0)
            }
            #expect(blamed.map { Int($0.closeCode) } == code)
        }
    }

    @Test("an offset outside the bytes requests more and does no harm")
    func offsets() throws {
        let bytes: [UInt8] = [0x81, 0x00, 0x81]
        for offset in [-1, .min, 2, 3, 4, .max] {
            #expect(try parse(bytes, at: offset) == nil)
        }
    }

    @Test("a server requires masked frames, a client unmasked ones")
    func masking() {
        for (role, masked) in [(Role.server, false), (.client, true)] {
            for frame in [RawFrame.text("a"), .ping(), .close()] {
                var receiver = Receiver(role: role)
                receiver.feed(frame.bytes(masked: masked))
                #expect(receiver.seen == [.blamed(1002)])
            }
        }
    }

    @Test("the message limit counts all fragments, and is checked from the header alone")
    func limit() throws {
        let fits: [RawFrame] = [
            .text("12345", fin: false), .ping(many(0, 99)), .more("678", fin: true),
        ]
        #expect(
            outcome(of: fits, limit: 8) == [.ping(many(0, 99)), .text(Array("12345678".utf8))])
        #expect(outcome(of: fits, limit: 7) == [.ping(many(0, 99)), .blamed(1009)])
        #expect(outcome(of: [.binary(many(0, 8)), .binary(many(0, 8))], limit: 8)?.count == 2)
        #expect(outcome(of: [.binary(many(0, 9))], limit: 8) == [.blamed(1009)])

        var sequence = FrameSequence(role: .client, messageLimit: .max)
        let huge = FrameHeader(fin: false, opcode: .binary, payloadLength: 1 << 62)
        #expect(try sequence.admit(huge) == .first)
        let more = FrameHeader(fin: false, opcode: .continuation, payloadLength: 1 << 62)
        let blamed = #expect(throws: Violation.self) { try sequence.admit(more) }
        #expect(blamed?.closeCode == 1009)
        #expect(sequence.messageLength == 1 << 62 && sequence.isInsideMessage)
    }

    @Test("steps state a frame's position in its message")
    func steps() throws {
        var sequence = FrameSequence(role: .client, messageLimit: 100)
        func header(_ opcode: FrameOpcode, _ fin: Bool) -> FrameHeader {
            FrameHeader(fin: fin, opcode: opcode, payloadLength: 10)
        }
        #expect(try sequence.admit(header(.binary, true)) == .whole)
        #expect(try sequence.admit(header(.text, false)) == .first)
        #expect(try sequence.admit(header(.ping, true)) == .control)
        #expect(try sequence.admit(header(.continuation, false)) == .middle)
        #expect(sequence.isInsideMessage)
        #expect(try sequence.admit(header(.continuation, true)) == .last)
        #expect(sequence.messageOpcode == .text && sequence.messageLength == 30)
        #expect(!sequence.isInsideMessage)
    }

    @Test("a close reason is cut to 123 bytes between two characters")
    func closeReasons() throws {
        #expect(CloseFrame.payload(code: 1000, reason: "ok") == [3, 232, 111, 107])
        #expect(
            CloseFrame.payload(code: 1000, reason: String(repeating: "x", count: 500)).count == 125)
        for lead in 0..<4 {
            let reason = String(repeating: "a", count: lead) + String(repeating: "🍟", count: 60)
            let payload = CloseFrame.payload(code: 4000, reason: reason)
            #expect(payload.count <= 125 && payload.count > 121)
            let (code, cut) = try CloseFrame.parse(payload.span)
            #expect(code == 4000 && reason.hasPrefix(cut))
        }
        for code: UInt16 in [0, 1004, 1005, 1006, 1015, 2999, 5000] {
            #expect(CloseFrame.payload(code: code, reason: "x").isEmpty)
        }
        let (code, reason) = try CloseFrame.parse([UInt8]().span)
        #expect(code == 1005 && reason.isEmpty)
    }

    @Test("masking combines every byte with the right key byte, at every length and phase")
    func maskingBytes() {
        var random = SeededRandom(seed: 1)
        let key: [UInt8] = [0x0A, 0x81, 0x33, 0xFF]
        let mask: UInt32 = 0xFF33_810A
        for count in Array(0...200) + [1000, 4096] {
            for phase in [0, 1, 2, 3, 4, 7, -1, .max, .min] {
                let source = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random)
                }
                let shift = ((phase % 4) + 4) % 4
                let expected = source.indices.map { source[$0] ^ key[($0 + shift) % 4] }
                var inPlace = source
                var span = inPlace.mutableSpan
                let isASCII = unmask(&span, mask: mask, phase: phase)
                #expect(inPlace == expected)
                #expect(isASCII == expected.allSatisfy { $0 < 0x80 })
                let copied = [UInt8](capacity: count + 2) { output in
                    output.append(7)
                    _ = unmask(source.span, mask: mask, phase: phase, into: &output)
                }
                #expect(copied == [7] + expected)
            }
        }
    }

    @Test("one byte above 7F is noticed at every position")
    func noticesHighBytes() {
        for count in [1, 7, 8, 15, 16, 31, 33, 64, 65, 150] {
            var bytes = many(0x41, count)
            var plain = bytes.map { $0 ^ 0x11 }
            var plainSpan = plain.mutableSpan
            let isASCII = unmask(&plainSpan, mask: 0x1111_1111)
            #expect(isASCII)
            #expect(asciiEnd(bytes) == count)
            for place in 0..<count {
                bytes[place] = 0x80
                #expect(asciiEnd(bytes) == place)
                #expect(asciiEnd(bytes, from: place + 1) == count)
                var masked = bytes.map { $0 ^ 0x11 }
                var span = masked.mutableSpan
                let isASCII = unmask(&span, mask: 0x1111_1111)
                #expect(!isASCII)
                bytes[place] = 0x41
            }
        }
        #expect(asciiEnd([1, 2], from: -5) == 2)
        #expect(asciiEnd([1, 2], from: 9) == 2)
    }

    // Spans cannot pass through `#expect`.
    private func parse(_ bytes: [UInt8], at offset: Int) throws(Violation) -> FrameHeader? {
        try FrameHeader.parse(bytes.span, at: offset)
    }
    private func asciiEnd(_ bytes: [UInt8], from start: Int = 0) -> Int {
        asciiPrefixEnd(bytes.span, from: start)
    }
}

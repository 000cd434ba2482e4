extension FrameHeader {
    /// The longest header RFC 6455 knows: two bytes, a 64-bit length, a mask.
    public static let longestHeader = 14

    /// A header to send. `mask` as in `FrameHeader.mask`, nil for a bare frame (a server's).
    @inlinable
    public init(fin: Bool = true, opcode: FrameOpcode, mask: UInt32? = nil, payloadLength: Int) {
        let length = max(0, payloadLength)
        let lengthBytes = length < 126 ? 0 : length < 0x1_0000 ? 2 : 8
        self.init(
            fin: fin, opcode: opcode, isMasked: mask != nil, mask: mask ?? 0,
            payloadLength: length, headerLength: 2 + lengthBytes + (mask == nil ? 0 : 4))
    }

    /// The header that starts at `offset`; nil where more bytes are needed to tell.
    ///
    /// Checks what one header alone can show (RFC 6455 section 5.2 and 5.5); what depends on the
    /// frames before it is `FrameSequence`'s. `frameLength` of what it returns cannot overflow.
    @inlinable
    public static func parse(
        _ bytes: Span<UInt8>, at offset: Int
    ) throws(Violation) -> FrameHeader? {
        let end = bytes.count
        guard offset >= 0, offset <= end - 2 else { return nil }
        let first = bytes[offset]
        let second = bytes[offset + 1]
        let opcode = try FrameOpcode(firstByte: first)
        var length = Int(second & 0x7F)
        var next = offset + 2
        if opcode.isControl, first & 0x80 == 0 || length > 125 {
            throw first & 0x80 == 0 ? .fragmentedControlFrame : .longControlFrame
        }
        if length >= 126 {
            let lengthBytes = length == 126 ? 2 : 8
            guard end - next >= lengthBytes else { return nil }
            length = try longLength(bytes, at: next, lengthBytes)
            next += lengthBytes
        }
        guard second & 0x80 != 0 else {
            return FrameHeader(
                fin: first & 0x80 != 0, opcode: opcode, isMasked: false, mask: 0,
                payloadLength: length, headerLength: next - offset)
        }
        guard end - next >= 4 else { return nil }
        let mask =
            UInt32(bytes[next]) | UInt32(bytes[next + 1]) << 8
            | UInt32(bytes[next + 2]) << 16 | UInt32(bytes[next + 3]) << 24
        return FrameHeader(
            fin: first & 0x80 != 0, opcode: opcode, isMasked: true, mask: mask,
            payloadLength: length, headerLength: next + 4 - offset)
    }

    @inlinable
    static func longLength(
        _ bytes: Span<UInt8>, at offset: Int, _ count: Int
    ) throws(Violation) -> Int {
        if count == 2 {
            let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
            guard length >= 126 else { throw .paddedLength }
            return length
        }
        return try hugeLength(bytes, at: offset)
    }

    @usableFromInline
    static func hugeLength(_ bytes: Span<UInt8>, at offset: Int) throws(Violation) -> Int {
        var length: UInt64 = 0
        for index in offset..<offset + 8 { length = length << 8 | UInt64(bytes[index]) }
        guard length >> 63 == 0 else { throw .negativeLength }
        guard length > 0xFFFF else { throw .paddedLength }
        // So that adding the header's length is safe everywhere else.
        guard length <= UInt64(Int.max - longestHeader) else { throw .unreachableLength }
        return Int(length)
    }

    /// The header in wire form.
    @inlinable
    public func encoded() -> EncodedHeader {
        var encoded = EncodedHeader()
        encoded.append((fin ? 0x80 : 0) | opcode.rawValue)
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        if payloadLength < 126 {
            encoded.append(maskBit | UInt8(truncatingIfNeeded: payloadLength))
        } else {
            let lengthBytes = payloadLength < 0x1_0000 ? 2 : 8
            encoded.append(maskBit | (lengthBytes == 2 ? 126 : 127))
            for place in stride(from: (lengthBytes - 1) * 8, through: 0, by: -8) {
                encoded.append(UInt8(truncatingIfNeeded: payloadLength >> place))
            }
        }
        if isMasked {
            for place in stride(from: 0, to: 32, by: 8) {
                encoded.append(UInt8(truncatingIfNeeded: mask >> UInt32(place)))
            }
        }
        return encoded
    }

    /// Appends the header in wire form.
    public func encode(into bytes: inout [UInt8]) {
        let encoded = encoded()
        for index in 0..<encoded.count { bytes.append(encoded.bytes[index]) }
    }
}

/// A header in wire form, without a heap allocation: the first `count` of `bytes`.
public struct EncodedHeader: Sendable, BitwiseCopyable {
    public var bytes: InlineArray<14, UInt8>
    /// 2...14.
    public var count: Int

    @inlinable
    init() {
        bytes = InlineArray(repeating: 0)
        count = 0
    }

    @inlinable
    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }
}

extension FrameOpcode {
    /// The opcode in a frame's first byte, whose reserved bits must be clear: no extension is ever
    /// agreed on that would give them a meaning.
    @inlinable
    init(firstByte: UInt8) throws(Violation) {
        switch firstByte & 0x7F {
        case 0: self = .continuation
        case 1: self = .text
        case 2: self = .binary
        case 8: self = .close
        case 9: self = .ping
        case 10: self = .pong
        default: throw firstByte & 0x70 != 0 ? .reservedBits : .reservedOpcode
        }
    }
}

extension Violation {
    @usableFromInline static let reservedBits = Violation(1002, "reserved bits set")
    @usableFromInline static let reservedOpcode = Violation(1002, "reserved opcode")
    @usableFromInline static let fragmentedControlFrame = Violation(
        1002, "control frame fragmented")
    @usableFromInline static let longControlFrame = Violation(
        1002, "control frame over 125 bytes")
    @usableFromInline static let paddedLength = Violation(
        1002, "frame length not in its shortest form")
    @usableFromInline static let negativeLength = Violation(
        1002, "frame length with its top bit set")
    @usableFromInline static let unreachableLength = Violation(1009, "frame too long")
}

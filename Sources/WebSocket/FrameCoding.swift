public import Basics

extension FrameHeader {
    /// The longest header in RFC 6455: two bytes, a 64-bit length, a mask.
    public static let longestHeader = 14

    /// A header to send. `mask` is as in `FrameHeader.mask`, nil for an unmasked frame (a
    /// server's).
    @inlinable
    public init(fin: Bool = true, opcode: FrameOpcode, mask: UInt32? = nil, payloadLength: Int) {
        let length = max(0, payloadLength)
        let lengthBytes = length < 126 ? 0 : length < 0x1_0000 ? 2 : 8
        self.init(
            fin: fin, opcode: opcode, isMasked: mask != nil, mask: mask ?? 0,
            payloadLength: length, headerLength: 2 + lengthBytes + (mask == nil ? 0 : 4))
    }

    /// The header that starts at `offset`; nil if more bytes are needed.
    ///
    /// Checks what one header alone can show (RFC 6455 section 5.2 and 5.5); `FrameSequence` checks
    /// what depends on earlier frames. The `frameLength` of the result cannot overflow.
    @inlinable
    public static func parse(
        _ bytes: Span<UInt8>, at offset: Int
    ) throws(Violation) -> FrameHeader? {
        guard offset >= 0, offset <= bytes.count &- 2 else { return nil }
        // All headers except those of frames above 64 KiB fit one word, so that one bounds check
        // serves the whole header. Bytes still to come read as zero and are not trusted.
        let available = bytes.count &- offset
        let word = Bytes.word(bytes, at: offset, count: min(8, available))
        let opcode = try FrameOpcode(firstByte: UInt8(truncatingIfNeeded: word))
        let fin = word & 0x80 != 0
        let isMasked = word & 0x8000 != 0
        var length = Int(truncatingIfNeeded: word >> 8 & 0x7F)
        if opcode.isControl, !fin || length > 125 {
            throw fin ? .longControlFrame : .fragmentedControlFrame
        }
        var headerLength = isMasked ? 6 : 2
        var mask = word >> 16
        if length >= 126 {
            if length == 127 {
                return try parseHuge(bytes, at: offset, fin: fin, opcode: opcode)
            }
            headerLength &+= 2
            mask = word >> 32
            length = Int(UInt16(truncatingIfNeeded: word >> 16).byteSwapped)
            guard available >= headerLength else { return nil }
            guard length >= 126 else { throw .paddedLength }
        }
        guard available >= headerLength else { return nil }
        return FrameHeader(
            fin: fin, opcode: opcode, isMasked: isMasked,
            mask: isMasked ? UInt32(truncatingIfNeeded: mask) : 0,
            payloadLength: length, headerLength: headerLength)
    }

    /// A header with a 64-bit length, whose first two bytes are known to be valid.
    @usableFromInline
    static func parseHuge(
        _ bytes: Span<UInt8>, at offset: Int, fin: Bool, opcode: FrameOpcode
    ) throws(Violation) -> FrameHeader? {
        let isMasked = bytes[offset + 1] & 0x80 != 0
        let headerLength = isMasked ? 14 : 10
        guard bytes.count - offset >= headerLength else { return nil }
        let length = Bytes.word(bytes, at: offset + 2).byteSwapped
        guard length >> 63 == 0 else { throw .negativeLength }
        guard length > 0xFFFF else { throw .paddedLength }
        // So that adding the header's length is safe everywhere.
        guard length <= UInt64(Int.max - longestHeader) else { throw .unreachableLength }
        let mask = isMasked ? Bytes.word(bytes, at: offset + 6) >> 32 : 0
        return FrameHeader(
            fin: fin, opcode: opcode, isMasked: isMasked, mask: UInt32(truncatingIfNeeded: mask),
            payloadLength: Int(length), headerLength: headerLength)
    }

    /// The header in wire form.
    @inlinable
    public func encoded() -> EncodedHeader {
        var encoded = EncodedHeader(first: (fin ? 0x80 : 0) | opcode.rawValue)
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        if payloadLength < 126 {
            encoded.append(maskBit | UInt8(truncatingIfNeeded: payloadLength))
        } else if payloadLength < 0x1_0000 {
            encoded.append(maskBit | 126)
            encoded.append(UInt8(truncatingIfNeeded: payloadLength >> 8))
            encoded.append(UInt8(truncatingIfNeeded: payloadLength))
        } else {
            encoded.append(maskBit | 127)
            for place in stride(from: 56, through: 0, by: -8) {
                encoded.append(UInt8(truncatingIfNeeded: payloadLength >> place))
            }
        }
        if isMasked {
            encoded.append(UInt8(truncatingIfNeeded: mask))
            encoded.append(UInt8(truncatingIfNeeded: mask >> 8))
            encoded.append(UInt8(truncatingIfNeeded: mask >> 16))
            encoded.append(UInt8(truncatingIfNeeded: mask >> 24))
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
    init(first: UInt8) {
        bytes = InlineArray(repeating: 0)
        bytes[0] = first
        count = 1
    }

    @inlinable @inline(__always)
    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count &+= 1
    }
}

extension FrameOpcode {
    /// The opcode in a frame's first byte. Its reserved bits must be clear: no extension that would
    /// use them is ever agreed on.
    @inlinable @inline(__always)
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

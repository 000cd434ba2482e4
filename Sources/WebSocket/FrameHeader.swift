/// RFC 6455 section 5.2, opcodes in use.
public enum FrameOpcode: UInt8, Sendable, BitwiseCopyable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    @inlinable public var isControl: Bool { rawValue & 8 != 0 }
}

/// Which end of the connection we are. A server receives masked frames and sends unmasked ones.
public enum Role: Sendable, BitwiseCopyable {
    case server
    case client
}

/// A peer's violation of RFC 6455, and the close code for it.
public struct Violation: Error, Equatable, Sendable {
    public var closeCode: UInt16
    public var reason: StaticString

    public init(_ closeCode: UInt16, _ reason: StaticString) {
        self.closeCode = closeCode
        self.reason = reason
    }

    public static func == (a: Violation, b: Violation) -> Bool {
        a.closeCode == b.closeCode && a.reason.description == b.reason.description
    }
}

/// The first 2 to 14 bytes of a frame.
public struct FrameHeader: Equatable, Sendable, BitwiseCopyable {
    public var fin: Bool
    public var opcode: FrameOpcode
    public var isMasked: Bool
    /// The four masking bytes in wire order, first byte lowest; 0 if not masked.
    public var mask: UInt32
    public var payloadLength: Int
    /// 2...14.
    public var headerLength: Int

    @inlinable public var frameLength: Int { headerLength + payloadLength }

    @inlinable
    init(
        fin: Bool, opcode: FrameOpcode, isMasked: Bool, mask: UInt32, payloadLength: Int,
        headerLength: Int
    ) {
        self.fin = fin
        self.opcode = opcode
        self.isMasked = isMasked
        self.mask = mask
        self.payloadLength = payloadLength
        self.headerLength = headerLength
    }
}

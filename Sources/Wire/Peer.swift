/// The two peers of a session.
public enum Peer: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case client
    case gemini

    @inlinable public var other: Peer { self == .client ? .gemini : .client }
}

/// The frame type of a message. The service sends JSON in binary messages and some clients read
/// nothing else, so each message keeps its opcode.
public enum Opcode: UInt8, Sendable, BitwiseCopyable {
    case text = 1
    case binary = 2
}

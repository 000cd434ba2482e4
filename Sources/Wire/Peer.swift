/// The two peers of a session.
public enum Peer: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case client
    case gemini

    @inlinable public var other: Peer { self == .client ? .gemini : .client }
}

/// How a message travelled. Server JSON comes in binary messages and some clients read nothing
/// else, so each message keeps the opcode it came with.
public enum Opcode: UInt8, Sendable, BitwiseCopyable {
    case text = 1
    case binary = 2
}

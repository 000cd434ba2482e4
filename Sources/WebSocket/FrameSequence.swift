/// The rules that only a sequence of frames can break: masking by role, order of fragments, size of
/// a message. Judges by headers alone, so that a violation is known before the payload has arrived.
///
/// A violation leaves the sequence unchanged. The caller ignores whatever follows a close frame.
public struct FrameSequence: Sendable {
    /// A frame's position in its message.
    public enum Step: Sendable, BitwiseCopyable {
        /// An unfragmented message.
        case whole
        /// The first of several fragments.
        case first
        case middle
        case last
        /// Close, ping or pong; may come between the fragments of a message.
        case control
    }

    /// The maximum payload of one message, over all its fragments.
    public var messageLimit: Int
    /// Text or binary: the kind of the message of the last data frame.
    public private(set) var messageOpcode: FrameOpcode
    /// Payload bytes so far of the message of the last data frame, that frame included.
    public private(set) var messageLength: Int
    /// Whether more fragments are expected.
    public private(set) var isInsideMessage: Bool
    private let receivesMasked: Bool

    public init(role: Role, messageLimit: Int) {
        self.messageLimit = messageLimit
        messageOpcode = .binary
        messageLength = 0
        isInsideMessage = false
        receivesMasked = role == .server
    }

    /// Accepts the next frame. Throws 1002 for a frame out of order or with wrong masking, 1009 for
    /// one that makes its message too long.
    public mutating func admit(_ header: FrameHeader) throws(Violation) -> Step {
        guard header.isMasked == receivesMasked else {
            throw receivesMasked ? .bareFrame : .maskedFrame
        }
        if header.opcode.isControl { return .control }
        let isContinuation = header.opcode == .continuation
        guard isContinuation == isInsideMessage else {
            throw isContinuation ? .nothingToContinue : .messageInsideMessage
        }
        let before = isInsideMessage ? messageLength : 0
        // Neither side can overflow: both terms are between 0 and Int.max.
        guard header.payloadLength <= messageLimit - before else { throw .messageTooLong }
        messageLength = before + header.payloadLength
        if !isContinuation { messageOpcode = header.opcode }
        isInsideMessage = !header.fin
        switch (isContinuation, header.fin) {
        case (false, true): return .whole
        case (false, false): return .first
        case (true, false): return .middle
        case (true, true): return .last
        }
    }
}

extension Violation {
    static let bareFrame = Violation(1002, "client frame without a mask")
    static let maskedFrame = Violation(1002, "server frame with a mask")
    static let nothingToContinue = Violation(1002, "continuation without a message")
    static let messageInsideMessage = Violation(1002, "message inside a fragmented message")
    static let messageTooLong = Violation(1009, "message too long")
}

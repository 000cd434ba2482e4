/// The rules that only a sequence of frames can break: masking by role, fragments in order, the
/// size of a message. Judges by headers alone, so that an offence is known before its payload
/// has arrived.
///
/// A violation leaves the sequence as it was. What follows a close frame is for the caller to
/// ignore.
public struct FrameSequence: Sendable {
    /// Where a frame stands in its message.
    public enum Step: Sendable, BitwiseCopyable {
        /// An unfragmented message.
        case whole
        /// The first of several fragments.
        case first
        case middle
        case last
        /// Close, ping or pong; may stand between the fragments of a message.
        case control
    }

    /// The most payload bytes one message may have, over all its fragments.
    public var messageLimit: Int
    /// Text or binary: the kind of the message that the last data frame belonged to.
    public private(set) var messageOpcode: FrameOpcode
    /// Payload bytes of the message that the last data frame belonged to, up to and with it.
    public private(set) var messageLength: Int
    /// Whether more fragments are due.
    public private(set) var isInsideMessage: Bool
    private let receivesMasked: Bool

    public init(role: Role, messageLimit: Int) {
        self.messageLimit = messageLimit
        messageOpcode = .binary
        messageLength = 0
        isInsideMessage = false
        receivesMasked = role == .server
    }

    /// Takes the next frame. Throws 1002 for a frame out of order or masked where it must not be
    /// (or not where it must), 1009 for one that makes its message too long.
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
        // Neither side can overflow: both terms lie between 0 and Int.max.
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

import Basics
import Wire

/// A client message on its way through the rules: the one in hand, or one that was kept or made.
struct Passage {
    var message: ClientMessage
    /// The message's bytes, where it is not the one in hand.
    var kept: [UInt8]?
    var opcode: Opcode

    /// Sends it on to gemini.
    func pass(into out: inout Actions) {
        if let kept {
            out.append(.send(.gemini, kept, opcode))
        } else {
            out.append(.forward)
        }
    }

    /// Its bytes, to outlive the event.
    func bytes(_ payload: Span<UInt8>) -> [UInt8] {
        if let kept { return kept }
        var copy = [UInt8]()
        Bytes.append(payload, to: &copy)
        return copy
    }
}

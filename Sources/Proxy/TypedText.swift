import Basics
import Wire

/// Text typed by a user, in either form of the protocol.
enum TypedText {
    /// nil if the message has no text by the user.
    static func read(_ payload: Span<UInt8>, limit: Int) -> String? {
        guard let message = try? ClientMessage.scan(payload) else { return nil }
        let text = message.typed(in: payload, limit: limit)
        return text.isEmpty ? nil : text
    }
}

import Basics
import Wire

/// Text typed by a user, in either form of the protocol.
enum TypedText {
    /// nil if the message has no text by the user. Only the last turn of a `clientContent` is a
    /// question; those before it are history.
    static func read(_ payload: Span<UInt8>, limit: Int) -> String? {
        guard let message = try? ClientMessage.scan(payload) else { return nil }
        var range = message.text
        if message.members.contains(.clientContent) {
            var reader = ContentReader(message.value, in: payload)
            while let turn = reader.nextTurn(in: payload) {
                if turn.role == .user || turn.role == .absent { range = turn.text }
            }
        }
        let text = JSONText.unescape(payload, range, limit: limit)
        return text.isEmpty ? nil : text
    }
}

import Basics

extension ClientMessage {
    /// The text that the user typed, in either form of the protocol, unescaped, at most `limit`
    /// bytes; empty if there is none. Only the last turn of a `clientContent` is a question; those
    /// before it are history.
    public func typed(in payload: Span<UInt8>, limit: Int) -> String {
        var range = text
        if members.contains(.clientContent) {
            var reader = ContentReader(value, in: payload)
            while let turn = reader.nextTurn(in: payload) {
                if turn.role == .user || turn.role == .absent { range = turn.text }
            }
        }
        return JSONText.unescape(payload, range, limit: limit)
    }
}

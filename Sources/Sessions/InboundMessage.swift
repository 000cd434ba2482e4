import Wire

/// A message of gemini's on its way to the client: the current one, or what the rules left of it.
struct InboundMessage {
    var message: ServerMessage
    /// Its bytes, if it is not the current one.
    var kept: [UInt8]?

    init(_ message: ServerMessage) { self.message = message }

    /// The current message without what the edits remove; `nil` if nothing is left.
    init?(_ payload: Span<UInt8>, _ edits: [ServerEdit]) {
        guard let rest = ServerMessage.edit(payload, edits),
            let message = try? ServerMessage.scan(rest.span)
        else { return nil }
        self.message = message
        kept = rest
    }
}

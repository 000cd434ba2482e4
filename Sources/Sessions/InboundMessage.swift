import Wire

/// A message of gemini's on its way to the client: the one in hand, or what the rules left of it.
struct InboundMessage {
    var message: ServerMessage
    /// Its bytes, where it is not the one in hand.
    var kept: [UInt8]?

    init(_ message: ServerMessage) { self.message = message }

    /// The one in hand without what the edits take away; `nil` where nothing is left.
    init?(_ payload: Span<UInt8>, _ edits: [ServerEdit]) {
        guard let rest = ServerMessage.edit(payload, edits),
            let message = try? ServerMessage.scan(rest.span)
        else { return nil }
        self.message = message
        kept = rest
    }
}

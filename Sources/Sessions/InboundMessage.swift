import Basics
import Wire

/// A message from gemini on its way to the client: the current one, or what the rules left of it.
struct InboundMessage {
    var message: ServerMessage
    /// Its bytes, if it is not the current one.
    var kept: [UInt8]?
    private var whole: Places?

    /// The ranges that facts refer to.
    struct Places {
        var input: ByteRange
        var output: ByteRange
        var calls: ByteRange
        var cancellation: ByteRange

        fileprivate init(_ message: ServerMessage) {
            input = message.inputText
            output = message.outputText
            calls = message.tool
            cancellation = message.cancellation
        }
    }

    init(_ message: ServerMessage) { self.message = message }

    /// `whole` without the parts that the edits remove; `nil` if nothing is left that means
    /// anything to a client. Unknown members are never sent alone: a client may end at a message in
    /// which it knows nothing.
    init?(of whole: InboundMessage, _ payload: Span<UInt8>, _ edits: [ServerEdit]) {
        guard var rest = ServerMessage.edit(payload, edits),
            var message = try? ServerMessage.scan(rest.span), !message.saysNothing
        else { return nil }
        if message.members == .unknown, whole.message.members != .unknown,
            let brace = rest.firstIndex(of: UInt8(ascii: "{"))
        {
            rest.insert(contentsOf: #""serverContent":{},"#.utf8, at: brace + 1)
            message.members.insert(.serverContent)
        }
        self.message = message
        kept = rest
        self.whole = whole.inHand
    }

    /// Ranges in the message as received, whatever is left of it.
    var inHand: Places { whole ?? Places(message) }
}

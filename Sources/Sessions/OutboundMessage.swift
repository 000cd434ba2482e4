import Basics
import Wire

/// A client message on its way through the rules: the current one, or one that was kept or made.
struct OutboundMessage {
    var message: ClientMessage
    /// The message's bytes, if it is not the current one.
    var kept: [UInt8]?
    var opcode: Opcode
    /// The number of the client's message, or of the one this is part of, from 1; zero if messages
    /// are not counted, and for our own messages.
    var number: Int64 = 0
    /// A rule made it wait: its distance to other messages is no longer the client's.
    var wasHeld = false

    /// Its bytes, to outlive the event.
    func bytes(_ payload: Span<UInt8>) -> [UInt8] {
        kept ?? [UInt8](copying: payload)
    }

    /// The same message, to outlive the event.
    func kept(_ payload: Span<UInt8>) -> OutboundMessage {
        var copy = replaced(by: message, bytes(payload))
        copy.wasHeld = true
        return copy
    }

    /// What is left for gemini if a rule swallows these parts of a `realtimeInput`: everything that
    /// the rule does not name, if anything.
    func rest(without input: ClientMessage.Input, _ payload: Span<UInt8>) -> OutboundMessage? {
        guard message.members != .realtimeInput || !message.input.isSubset(of: input) else {
            return nil
        }
        return edited(.removeInput(input), payload)
    }

    /// What is left without its picture, if anything.
    func withoutPicture(_ payload: Span<UInt8> = Span()) -> OutboundMessage? {
        message.isPlainPicture ? nil : edited(.removePictures, payload)
    }

    /// What must be kept of it if anything can: old sound gives way to that, but not to other sound
    /// or to a picture.
    func weightOfWords(_ payload: Span<UInt8>) -> Int {
        if message.isPlainSound { return 0 }
        guard message.hasPicture else { return footprint(payload) }
        guard let rest = withoutPicture(payload), !rest.message.isPlainSound else { return 0 }
        return rest.footprint
    }

    /// Its sound alone, if it contains anything else.
    func sound(_ payload: Span<UInt8>) -> OutboundMessage {
        message.isPlainSound ? self : edited(.keepInput(.sound), payload) ?? self
    }

    private func edited(_ edit: ClientEdit, _ payload: Span<UInt8>) -> OutboundMessage? {
        let rest =
            if let kept { ClientMessage.edit(kept.span, [edit]) } else {
                ClientMessage.edit(payload, [edit])
            }
        guard let rest, let message = try? ClientMessage.scan(rest.span) else { return nil }
        return replaced(by: message, rest)
    }

    /// Another message instead of this one, or a part of it.
    func replaced(by message: ClientMessage, _ bytes: [UInt8]?) -> OutboundMessage {
        OutboundMessage(
            message: message, kept: bytes, opcode: opcode, number: number, wasHeld: wasHeld)
    }

    /// A boundary that the client owes.
    static func start(_ opcode: Opcode) -> OutboundMessage {
        boundary(.activityStart, Compose.activityStart, opcode)
    }

    static func end(_ opcode: Opcode) -> OutboundMessage {
        boundary(.activityEnd, Compose.activityEnd, opcode)
    }

    private static func boundary(
        _ input: ClientMessage.Input, _ bytes: [UInt8], _ opcode: Opcode
    ) -> OutboundMessage {
        var message = ClientMessage()
        message.members = .realtimeInput
        message.input = input
        return OutboundMessage(message: message, kept: bytes, opcode: opcode)
    }
}

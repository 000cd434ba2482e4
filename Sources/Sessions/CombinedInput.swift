import Basics
import Wire

/// The parts of a `realtimeInput` have no order on the wire, so a boundary combined with other
/// input is ambiguous. Split, each part is a separate message, in the only order that keeps every
/// word: boundaries outside, input between.
enum CombinedInput {
    /// The parts as messages. If an activity is open, or nothing lies between them, an end next to
    /// a start ends the activity that was open before: a client's flush, or its next activity.
    static func parts(
        of outbound: OutboundMessage, payload bytes: Span<UInt8>, isOpen: Bool
    ) -> [OutboundMessage] {
        ClientMessage.split(bytes, endsFirst: isOpen).compactMap { part in
            guard let message = try? ClientMessage.scan(part.span) else { return nil }
            return outbound.replaced(by: message, part)
        }
    }
}

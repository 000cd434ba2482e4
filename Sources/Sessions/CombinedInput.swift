import Basics
import Wire

/// A `realtimeInput` of several parts has no order among them on the wire, so a boundary beside
/// other input could be read either way round. Taken apart, each part is a message of its own, in
/// the only order that keeps every word: boundaries outside, input between.
enum CombinedInput {
    /// The parts as messages. With an activity open, an end beside a start closes that one first:
    /// a client's flush.
    static func parts(
        of outbound: OutboundMessage, payload bytes: Span<UInt8>, isOpen: Bool
    ) -> [OutboundMessage] {
        ClientMessage.split(bytes, endsFirst: isOpen).compactMap { part in
            guard let message = try? ClientMessage.scan(part.span) else { return nil }
            return outbound.replaced(by: message, part)
        }
    }
}

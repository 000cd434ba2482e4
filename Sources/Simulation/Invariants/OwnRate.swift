import Sessions
import Wire

/// Made-up audio has the client's sample rate, as soon as it is known.
struct OwnRate: Invariant {
    static let name = Probe.sampleRate.rawValue
    private var rate: Int32?

    mutating func check(_ step: Step) -> String? {
        if case .clientSent(let message, _) = step.event, message.audioBytes > 0 {
            rate = message.audioRate
        }
        guard let rate else { return nil }
        for case .toGemini(let bytes) in step.departures where MessageTag.read(bytes) == nil {
            guard let message = try? ClientMessage.scan(bytes.span), message.audioBytes > 0,
                message.audioRate != rate
            else { continue }
            return "sound of \(message.audioRate) Hz for a client that speaks \(rate) Hz"
        }
        return nil
    }
}

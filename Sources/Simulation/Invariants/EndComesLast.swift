import Sessions
import Wire

/// I3: `activityEnd` is the last realtime message of its turn: no audio that the client sent before
/// it is sent after it.
struct EndComesLast: Invariant {
    static let name = "I3"

    /// The newest of the client's ends that gemini received.
    private var lastEnd = -1

    mutating func check(_ step: Step) -> String? {
        for action in step.actions {
            var complaint: String?
            switch action {
            case .forward:
                if case .clientSent = step.event { complaint = send(step.payload) }
            case .send(.gemini, let bytes, _):
                complaint = send(bytes)
            case .use:
                // What it had not answered is replayed from the start.
                lastEnd = -1
            case .send, .dial, .drop, .accept, .refuse, .ping, .close, .note, .pause, .resume,
                .limit, .choose, .recall, .offer,
                .keep, .retire:
                break
            }
            if let complaint { return complaint }
        }
        return nil
    }

    private mutating func send(_ bytes: [UInt8]) -> String? {
        guard let number = MessageTag.read(bytes), let message = try? ClientMessage.scan(bytes.span)
        else { return nil }
        if message.input.contains(.activityEnd) { lastEnd = max(lastEnd, number) }
        return message.input == .audio && number < lastEnd
            ? "audio \(number) goes out after the end \(lastEnd)" : nil
    }
}

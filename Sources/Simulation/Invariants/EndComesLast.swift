import Sessions
import Wire

/// I3: `activityEnd` is the last realtime message of its turn: no audio the client sent before it
/// is sent after it.
struct EndComesLast: Invariant {
    static let name = "I3"

    private var sent = 0
    /// Number of the client message that was the last end gemini got.
    private var lastEnd = 0
    /// Audio that was neither forwarded nor given up, with its number.
    private var held: [(number: Int, bytes: [UInt8])] = []
    private var heldEnds: [(number: Int, bytes: [UInt8])] = []

    mutating func check(_ step: Step) -> String? {
        var message: ClientMessage?
        if case .clientSent(let own, _) = step.event {
            sent += 1
            message = own
        }
        var isForwarded = false
        for action in step.actions {
            switch action {
            case .forward:
                guard let message else { continue }
                isForwarded = true
                if message.input.contains(.activityEnd) { lastEnd = sent }
            case .send(.gemini, let bytes, _):
                if let late = release(bytes) { return late }
            case .send, .dial, .accept, .refuse, .ping, .close, .note:
                break
            }
        }
        if let message, !isForwarded {
            if message.input == .audio { held.append((sent, step.payload)) }
            if message.input == .activityEnd { heldEnds.append((sent, step.payload)) }
            if held.count > 512 { held.removeFirst(256) }
        }
        return nil
    }

    private mutating func release(_ bytes: [UInt8]) -> String? {
        if let index = heldEnds.lastIndex(where: { $0.bytes == bytes }) {
            lastEnd = max(lastEnd, heldEnds[index].number)
            heldEnds.removeAll()
        }
        // Chunks may be equal: the youngest is meant, so that nobody is accused wrongly.
        guard let index = held.lastIndex(where: { $0.bytes == bytes }) else { return nil }
        let number = held[index].number
        return number < lastEnd ? "audio \(number) goes out after the end \(lastEnd)" : nil
    }
}

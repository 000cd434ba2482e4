import Basics
import Policies
import Sessions
import Wire

/// I10: a session never buffers more than its policy's limits; dropped input is counted. Seen from
/// outside: input from before `setupComplete`, minus what was counted as dropped, fits, or the
/// session ended.
struct BoundedBuffer: Invariant {
    static let name = "I10"
    let limit: Int
    private var held = 0
    private var droppedAudio = Interval.zero
    /// Only the newest picture is held.
    private var picture = 0
    /// Bytes per nanosecond, in the densest message.
    private var density = 0.0
    private var isOver = false

    init(limit: Int) { self.limit = limit }

    mutating func check(_ step: Step) -> String? {
        if isOver { return nil }
        for case .note(let fact) in step.actions {
            if case .inputDropped(let audio) = fact { droppedAudio = droppedAudio + audio }
            if case .setupCompleted = fact { isOver = true }
            if case .ended = fact { isOver = true }
            if case .ruleApplied(.earlyInput, .enforce, _) = fact { hold(step) }
        }
        guard !isOver, held > limit else { return nil }
        // Every byte above the limit must be accounted for by dropped audio.
        let dropped = Double(droppedAudio.nanoseconds) * density
        return dropped + Double(limit) < Double(held) * 0.999
            ? "holds \(held) bytes, \(droppedAudio.milliseconds) ms dropped, limit \(limit)" : nil
    }

    private mutating func hold(_ step: Step) {
        guard case .clientSent(let message, _) = step.event else { return }
        // Audio may be kept decoded, the rest of its messages once.
        held += message.input == .audio ? Int(message.audioBytes) : step.payload.count
        if message.members == .realtimeInput, message.input.subtracting(.mediaChunks) == .video {
            held -= picture
            picture = step.payload.count
        }
        guard message.input == .audio, message.audioDuration > .zero else { return }
        let length = Double(message.audioDuration.nanoseconds)
        density = max(density, Double(step.payload.count) / length)
    }
}

import Basics
import Policies
import Wire

/// What the client sent before gemini could take it, in order. Bounded: the oldest audio goes
/// first, since nobody answers to a minute-old word; other messages are never dropped here.
struct EarlyInput {
    private var queue: [Passage] = []
    private(set) var size = 0

    var isEmpty: Bool { queue.isEmpty }

    /// False where the rest does not fit even without audio.
    mutating func hold(_ passage: Passage, limit: Int, into out: inout Actions) -> Bool {
        queue.append(passage)
        size += passage.kept?.count ?? 0
        guard size > limit else { return true }
        var dropped = Interval.zero
        queue.removeAll { old in
            guard size > limit, old.message.input == .audio else { return false }
            size -= old.kept?.count ?? 0
            dropped = dropped + old.message.audioDuration
            return true
        }
        out.note(.inputDropped(dropped))
        return size <= limit
    }

    mutating func release() -> [Passage] {
        defer { self = EarlyInput() }
        return queue
    }
}

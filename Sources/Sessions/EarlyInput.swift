import Basics
import Policies
import Wire

/// What the client sent while gemini could not take it, in order: before its setup was complete, or
/// while a lost connection is replaced. Bounded: the oldest audio goes first, since nobody answers
/// to a minute-old word; other messages are never dropped here.
struct EarlyInput {
    private var queue: [OutboundMessage] = []
    private(set) var size = 0
    private var audio = Interval.zero
    /// Pictures that gave way to newer ones.
    private var replaced = 0

    var isEmpty: Bool { queue.isEmpty }
    var count: Int { queue.count }

    /// False where the rest does not fit even without audio.
    ///
    /// - Parameter limit: bytes; `hold`: sound.
    mutating func hold(
        _ outbound: OutboundMessage, limit: Int, hold: Interval, into out: inout Actions
    ) -> Bool {
        if outbound.message.isPlainPicture { replacePicture() }
        queue.append(outbound)
        size += outbound.kept?.count ?? 0
        audio = audio + outbound.message.audioDuration
        guard size > limit || audio > hold else { return true }
        var dropped = Interval.zero
        queue.removeAll { old in
            guard size > limit || audio > hold, old.message.input == .audio else { return false }
            size -= old.kept?.count ?? 0
            audio = audio - old.message.audioDuration
            dropped = dropped + old.message.audioDuration
            return true
        }
        out.note(.inputDropped(dropped))
        return size <= limit
    }

    /// Of what is seen, only the newest is worth showing once the line is back.
    private mutating func replacePicture() {
        guard let index = queue.lastIndex(where: { $0.message.isPlainPicture }) else { return }
        size -= queue.remove(at: index).kept?.count ?? 0
        replaced += 1
    }

    /// Tells how many pictures nobody will be shown.
    mutating func tellReplaced(into out: inout Actions) {
        if replaced > 0 { out.note(.picturesReplaced(replaced)) }
        replaced = 0
    }

    mutating func release() -> [OutboundMessage] {
        defer { self = EarlyInput() }
        return queue
    }

    /// What comes first, as far as it is no more sound than that.
    mutating func release(_ sound: Interval) -> [OutboundMessage] {
        var (count, rest) = (0, sound)
        for outbound in queue {
            rest = rest - outbound.message.audioDuration
            guard rest >= .zero else { break }
            count += 1
        }
        guard count < queue.count else { return release() }
        let released = Array(queue.prefix(count))
        queue.removeFirst(count)
        for outbound in released {
            size -= outbound.kept?.count ?? 0
            audio = audio - outbound.message.audioDuration
        }
        return released
    }

    /// Sound in the message that comes first.
    var next: Interval? { queue.first?.message.audioDuration }
}

extension ClientMessage {
    /// A picture and nothing that must not be lost.
    var isPlainPicture: Bool {
        members == .realtimeInput && input.subtracting(.mediaChunks) == .video
    }
}

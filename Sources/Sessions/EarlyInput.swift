import Basics
import Policies
import Wire

/// Input that gemini could not take yet, in order: from before the setup was complete, or while a
/// lost connection is replaced. Bounded: the oldest audio is dropped first, because nobody answers
/// a word from a minute ago; other messages are never dropped here.
struct EarlyInput {
    private var queue: [OutboundMessage] = []
    private(set) var size = 0
    private var audio = Interval.zero

    var isEmpty: Bool { queue.isEmpty }
    var count: Int { queue.count }

    /// False if the rest does not fit even without audio.
    ///
    /// - Parameters:
    ///   - limit: Bytes.
    ///   - hold: Audio.
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

    /// Only the newest picture is worth sending when the connection is back.
    private mutating func replacePicture() {
        guard let index = queue.lastIndex(where: { $0.message.isPlainPicture }) else { return }
        size -= queue.remove(at: index).kept?.count ?? 0
    }

    mutating func release() -> [OutboundMessage] {
        defer { self = EarlyInput() }
        return queue
    }

    /// Removes and returns the first messages, up to this much audio.
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

    /// Audio in the first message.
    var next: Interval? { queue.first?.message.audioDuration }
}

extension ClientMessage {
    /// A picture and nothing that must not be lost.
    var isPlainPicture: Bool {
        members == .realtimeInput && input.subtracting(.mediaChunks) == .video
    }
}

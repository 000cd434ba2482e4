import Basics
import Wire

/// A client that vanished, and gemini's output since then. The buffer is bounded: the oldest audio
/// is dropped first, and if anything else does not fit, parking ends.
struct Parking {
    private struct Entry {
        var bytes: [UInt8]
        var opcode: Opcode
        /// Audio only: may be dropped.
        var sound: Interval?
    }

    private(set) var since = Instant(nanoseconds: 0)
    /// The client is away; the session waits until then.
    private(set) var until: Instant?
    private var entries: [Entry] = []
    /// Bytes kept.
    private(set) var size = 0
    /// Audio that did not fit.
    private(set) var dropped = Interval.zero
    /// Entries before it are not audio, or gone.
    private var cursor = 0
    /// So many of them are gone.
    private var gone = 0
    /// Something other than audio did not fit.
    private(set) var isOverfull = false

    var isOn: Bool { until != nil }
    var count: Int { entries.count - gone }

    mutating func begin(until: Instant, at now: Instant) {
        self = Parking()
        since = now
        self.until = until
    }

    /// Keeps a message for the client.
    mutating func keep(_ bytes: [UInt8], _ opcode: Opcode, limit: Int) {
        let message = (try? ServerMessage.scan(bytes.span)) ?? ServerMessage()
        let isSound =
            message.audioBytes > 0
            && message.members.subtracting(.usageMetadata) == .serverContent
            && message.content.subtracting([.modelTurn, .inProgress]) == .audio
        entries.append(
            Entry(
                bytes: bytes, opcode: opcode, sound: isSound ? message.audioDuration : nil))
        size += weight(entries.count - 1)
        if size > limit { shrink(to: limit) }
        if size > limit { isOverfull = true }
    }

    private mutating func shrink(to limit: Int) {
        while size > limit, cursor < entries.count {
            if let sound = entries[cursor].sound {
                size -= weight(cursor)
                dropped = dropped + sound
                entries[cursor].bytes = []
                gone += 1
            }
            cursor += 1
        }
        guard gone > entries.count / 2 else { return }
        entries.removeAll { $0.sound != nil && $0.bytes.isEmpty }
        cursor -= gone
        gone = 0
    }

    /// What an entry takes.
    private func weight(_ index: Int) -> Int {
        Footprint.of(1, Entry.self) + Footprint.of(entries[index].bytes)
    }

    /// What the client missed, in order.
    var messages: [(bytes: [UInt8], opcode: Opcode)] {
        entries.filter { !$0.bytes.isEmpty }.map { ($0.bytes, $0.opcode) }
    }
}

import Basics
import Wire

/// What gemini was sent and has not answered yet, to be sent again should its connection die:
/// copies of the messages, in order, in one flat buffer. Audio is kept for the last
/// `recovery.hold_audio`, all of it within `limits.buffer`; boundaries, text and tool results are
/// never dropped for audio's sake.
///
/// Positions count messages since the session began.
struct Unanswered {
    private struct Entry {
        var position: Int
        var start: Int
        /// Zero where it was dropped.
        var length: Int
        var audio: Interval
        var opcode: Opcode
        var isDroppable: Bool
        var boundary: Boundary

        /// Text and results that cross an activity are no part of it.
        var isPartOfActivity: Bool { isDroppable || boundary != .none }
    }

    private enum Boundary: UInt8 { case none, start, end }

    private var entries: [Entry] = []
    private var bytes: [UInt8] = []
    /// First entry that may still be dropped.
    private var cursor = 0
    private var droppedBytes = 0
    private var audio = Interval.zero
    /// Position of the next message.
    private(set) var end = 0
    /// Everything before it belongs to the turn that waits for its answer.
    private(set) var asked = 0
    /// Sound that is no silence, since the last answer.
    private(set) var voiced = Interval.zero
    private(set) var lastVoiced: Instant?
    /// Sound that was there and is not any more.
    private(set) var dropped = Interval.zero

    /// Bytes kept.
    var size: Int { bytes.count }
    var isEmpty: Bool { entries.isEmpty }
    var start: Int { entries.first?.position ?? end }

    /// - Parameter limit: bytes; `hold`: sound.
    mutating func record(
        _ message: ClientMessage, _ payload: Span<UInt8>, _ opcode: Opcode, limit: Int,
        hold: Interval
    ) {
        entries.append(
            Entry(
                position: end, start: bytes.count, length: payload.count,
                audio: message.audioDuration, opcode: opcode,
                isDroppable: message.audioBytes > 0 || message.input.contains(.video),
                boundary: message.input.contains(.activityStart)
                    ? .start : message.input.contains(.activityEnd) ? .end : .none))
        end += 1
        if bytes.count + payload.count > bytes.capacity {
            // A speech is long: growing twofold would copy it more often than sending it does.
            bytes.reserveCapacity(max(16_384, 4 * bytes.count) + payload.count)
        }
        Bytes.append(payload, to: &bytes)
        audio = audio + message.audioDuration
        if audio > hold || bytes.count - droppedBytes > limit { shrink(limit, hold) }
        if droppedBytes > 65_536, droppedBytes > bytes.count / 2 { compact() }
    }

    /// The user was heard.
    mutating func heardVoice(_ length: Interval, at now: Instant) {
        // Nobody misses the silence before it.
        if voiced == .zero { dropped = .zero }
        voiced = voiced + length
        lastVoiced = now
    }

    /// The user's turn is complete, or the model took it for complete.
    mutating func markAsked() { asked = end }

    /// What was asked has been answered; with `all`, what came since is no part of a question.
    mutating func settle(all: Bool = false) {
        discard(before: all ? end : asked)
        voiced = .zero
        dropped = .zero
    }

    mutating func discard(before position: Int) {
        let limit = index(of: position)
        let first = activity(around: limit)
        guard limit > 0 else { return }
        for index in 0..<limit where index < first || !entries[index].isPartOfActivity {
            drop(index)
        }
        compact()
    }

    private func index(of position: Int) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where the activity begins that goes on at `index`: it is kept whole, or what follows would be
    /// bare. `index` itself, where nobody speaks then.
    private func activity(around index: Int) -> Int {
        let boundary = entries[..<index].lastIndex { $0.boundary != .none }
        guard let boundary, entries[boundary].boundary == .start else { return index }
        return boundary
    }

    /// The messages from a position on, as they were, but for activities that say nothing: an empty
    /// one is fatal on the wire, and a silent one would cut off the answer to what was said before.
    func messages(from position: Int) -> [(bytes: [UInt8], opcode: Opcode, audio: Interval)] {
        var kept: [Entry] = []
        /// Where in `kept` the last activity starts in which nobody was heard yet.
        var start: Int?
        var hasSound = false
        let mayBeSilent = !isVoiced
        for entry in entries[activity(around: index(of: position))...]
        where entry.length > 0 && (entry.position >= position || entry.isPartOfActivity) {
            if entry.boundary == .start {
                start = kept.count
                hasSound = false
            }
            if entry.audio > .zero {
                hasSound = true
                if start != nil, mayBeSilent || isVoiced(entry) { start = nil }
            }
            if entry.boundary == .end, let first = start, !hasSound || !mayBeSilent {
                let rest = kept[first...].filter { !$0.isPartOfActivity }
                kept.replaceSubrange(first..., with: rest)
                start = nil
                continue
            }
            kept.append(entry)
        }
        return kept.map { entry in
            (Array(bytes[entry.start..<entry.start + entry.length]), entry.opcode, entry.audio)
        }
    }

    /// Whether anybody can be heard in what is kept; `true` too where sound had to be dropped, and
    /// where there is none.
    var isVoiced: Bool {
        guard dropped == .zero, audio > .zero else { return true }
        return entries.contains(where: isVoiced)
    }

    private func isVoiced(_ entry: Entry) -> Bool {
        guard entry.audio > .zero, entry.length > 0 else { return false }
        let message = bytes.span.extracting(entry.start..<entry.start + entry.length)
        guard let scanned = try? ClientMessage.scan(message) else { return true }
        return Loudness.ofPCM16(base64: message, scanned.audio).peak >= Self.voice
    }

    /// About -36 dB of full scale: above the noise of a room, below a quiet voice.
    static let voice: Int32 = 500

    /// The oldest sound goes first.
    private mutating func shrink(_ limit: Int, _ hold: Interval) {
        while cursor < entries.count, audio > hold || bytes.count - droppedBytes > limit {
            if entries[cursor].isDroppable {
                dropped = dropped + entries[cursor].audio
                drop(cursor)
            }
            cursor += 1
        }
    }

    private mutating func drop(_ index: Int) {
        guard entries[index].length > 0 else { return }
        audio = audio - entries[index].audio
        droppedBytes += entries[index].length
        entries[index].length = 0
    }

    /// Makes room of what was dropped.
    private mutating func compact() {
        cursor = entries[..<cursor].count { $0.length > 0 }
        entries.removeAll { $0.length == 0 }
        guard !entries.isEmpty else {
            // A long speech must not stay allocated for the rest of the call.
            bytes.removeAll(keepingCapacity: bytes.capacity <= 65_536)
            droppedBytes = 0
            return
        }
        var packed: [UInt8] = []
        packed.reserveCapacity(2 * (bytes.count - droppedBytes))
        for index in entries.indices {
            let start = entries[index].start
            entries[index].start = packed.count
            Bytes.append(
                bytes.span.extracting(start..<start + entries[index].length), to: &packed)
        }
        bytes = packed
        droppedBytes = 0
    }
}

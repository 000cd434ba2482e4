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
        var start: Int
        var length: Int
        var audio: Interval
        var opcode: Opcode
        var isDroppable: Bool
        var boundary = Boundary.none
    }

    private enum Boundary: UInt8 { case none, start, end }

    private var entries: [Entry] = []
    /// Messages before the first entry.
    private var gone = 0
    private var bytes: [UInt8] = []
    /// First entry that may still be dropped.
    private var cursor = 0
    private var droppedBytes = 0
    private var audio = Interval.zero
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
    var start: Int { gone }
    var end: Int { gone + entries.count }

    /// - Parameter limit: bytes; `hold`: sound.
    mutating func record(
        _ message: ClientMessage, _ payload: Span<UInt8>, _ opcode: Opcode, limit: Int,
        hold: Interval
    ) {
        let isAudio = message.audioBytes > 0
        entries.append(
            Entry(
                start: bytes.count, length: payload.count, audio: message.audioDuration,
                opcode: opcode, isDroppable: isAudio || message.input.contains(.video),
                boundary: message.input.contains(.activityStart)
                    ? .start : message.input.contains(.activityEnd) ? .end : .none))
        Bytes.append(payload, to: &bytes)
        audio = audio + message.audioDuration
        if audio > hold || bytes.count - droppedBytes > limit { shrink(limit, hold) }
        if droppedBytes > 65_536, droppedBytes > bytes.count / 2 { compact() }
    }

    /// The user was heard.
    mutating func heardVoice(_ length: Interval, at now: Instant) {
        voiced = voiced + length
        lastVoiced = now
    }

    /// The user's turn is complete, or the model took it for complete.
    mutating func markAsked() { asked = end }

    /// What was asked has been answered; with `all`, what came since is no part of a question.
    mutating func settle(all: Bool = false) {
        discard(before: all ? end : asked)
        asked = max(asked, gone)
        voiced = .zero
        dropped = .zero
    }

    mutating func discard(before position: Int) {
        let limit = min(max(position - gone, 0), entries.count)
        let count = activity(around: limit)
        for index in count..<limit where !isPart(ofActivity: entries[index]) {
            droppedBytes += entries[index].length
            entries[index].length = 0
        }
        guard count > 0 else { return }
        for entry in entries.prefix(count) where entry.length > 0 { audio = audio - entry.audio }
        entries.removeFirst(count)
        gone += count
        cursor = max(0, cursor - count)
        if entries.isEmpty {
            // A long speech must not stay allocated for the rest of the call.
            bytes.removeAll(keepingCapacity: bytes.capacity <= 65_536)
            droppedBytes = 0
            audio = .zero
        } else {
            compact()
        }
    }

    /// Where the activity begins that goes on at `index`: it is kept whole, or what follows would be
    /// bare. `index` itself, where nobody speaks then.
    private func activity(around index: Int) -> Int {
        let boundary = entries[..<index].lastIndex { $0.boundary != .none }
        guard let boundary, entries[boundary].boundary == .start else { return index }
        return boundary
    }

    /// Text and results that crossed an activity are no part of it.
    private func isPart(ofActivity entry: Entry) -> Bool {
        entry.isDroppable || entry.boundary != .none
    }

    /// The messages from a position on, as they were. An activity of which no sound is left is left
    /// out: an empty one is fatal on the wire.
    func messages(from position: Int) -> [(bytes: [UInt8], opcode: Opcode, audio: Interval)] {
        var kept: [(bytes: [UInt8], opcode: Opcode, audio: Interval)] = []
        /// Where in `kept` the last activity starts that had no sound yet.
        var emptyStart: Int?
        let limit = min(max(position - gone, 0), entries.count)
        for (index, entry) in entries.enumerated().dropFirst(activity(around: limit))
        where entry.length > 0 && (index >= limit || isPart(ofActivity: entry)) {
            if entry.boundary == .end, let start = emptyStart {
                kept.remove(at: start)
                emptyStart = nil
                continue
            }
            if entry.boundary == .start { emptyStart = kept.count }
            if entry.audio > .zero { emptyStart = nil }
            kept.append(
                (
                    Array(bytes[entry.start..<entry.start + entry.length]), entry.opcode,
                    entry.audio
                ))
        }
        return kept
    }

    /// Whether anybody can be heard in what is kept; `true` too where sound had to be dropped, and
    /// where there is none.
    var isVoiced: Bool {
        guard dropped == .zero, audio > .zero else { return true }
        return entries.contains { entry in
            guard entry.audio > .zero, entry.length > 0 else { return false }
            let message = bytes.span.extracting(entry.start..<entry.start + entry.length)
            guard let scanned = try? ClientMessage.scan(message) else { return true }
            return Loudness.ofPCM16(base64: message, scanned.audio).peak >= Self.voice
        }
    }

    /// About -36 dB of full scale: above the noise of a room, below a quiet voice.
    static let voice: Int32 = 500

    /// The oldest sound goes first.
    private mutating func shrink(_ limit: Int, _ hold: Interval) {
        while cursor < entries.count, audio > hold || bytes.count - droppedBytes > limit {
            let entry = entries[cursor]
            if entry.isDroppable, entry.length > 0 {
                audio = audio - entry.audio
                dropped = dropped + entry.audio
                droppedBytes += entry.length
                entries[cursor].length = 0
            }
            cursor += 1
        }
    }

    private mutating func compact() {
        var packed: [UInt8] = []
        packed.reserveCapacity(bytes.count - droppedBytes)
        for index in entries.indices where entries[index].length > 0 {
            let start = entries[index].start
            entries[index].start = packed.count
            Bytes.append(
                bytes.span.extracting(start..<start + entries[index].length), to: &packed)
        }
        bytes = packed
        droppedBytes = 0
    }
}

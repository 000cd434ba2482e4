import Basics
import Policies
import Wire

/// Input that gemini could not take yet, in order: before its setup was complete, or while a lost
/// connection is replaced. Limited: the oldest audio is dropped first, because answering minute-old
/// words is useless, and pictures before any of it; other messages are never dropped here. Kept in
/// the same form as in the journal, so that a policy's seconds of audio mean the same in both.
struct EarlyInput {
    /// Without their bytes, which are in `kept` under the same positions.
    private var queue: [(id: Int, outbound: OutboundMessage)] = []
    /// How many of them have been dropped, but for their places: removing each would move the rest.
    private var gone = 0
    /// The first place where sound may be.
    private var oldest = 0
    private var kept = KeptMessages()
    private var end = 0
    private(set) var audio = Interval.zero
    /// The only message with a picture.
    private var picture: Int?
    /// Pictures that were dropped, for newer ones or for room.
    private var replaced = 0
    private var pauses = PauseCutter<OutboundMessage>() {
        didSet { endOfPauseSize = pauses.last?.footprint ?? 0 }
    }
    /// Bytes. Read with every message, so that the message itself need not be.
    private var endOfPauseSize = 0
    /// Of the sound in it.
    private var loudest: Int32 = 0
    /// Audio that is not silence, in automatic detection, since anything was last sent.
    private(set) var voiced = Interval.zero

    /// The end of a pause is kept if it is no longer, in bytes: about a third of a second of sound.
    private static let longestEnd = 16_384
    /// The position of a message that has been dropped.
    private static let dropped = -1
    private static let mostGone = 64

    var isEmpty: Bool { queue.isEmpty }
    var count: Int { queue.count - gone }
    var size: Int {
        @inline(__always) get { kept.size + Self.listed(queue.count - gone) + endOfPauseSize }
    }

    /// The user begins to speak in it, or asks in words.
    var asks: Bool {
        queue.contains { id, outbound in
            guard id != Self.dropped else { return false }
            return switch Journal.Kind(outbound.message) {
            case .start, .text, .content: true
            case .sound, .picture, .end, .result, .other, nil: false
            }
        }
    }

    /// False if the rest does not fit even without audio.
    ///
    /// - Parameters:
    ///   - limit: Bytes.
    ///   - hold: Audio.
    ///   - cutsPauses: Detection is automatic.
    mutating func hold(
        _ outbound: OutboundMessage, limit: Int, hold: Interval, cutsPauses: Bool,
        into out: inout Actions
    ) -> Bool {
        if cutsPauses, leavesOut(outbound, limit: limit) { return true }
        keepEndOfPause()
        if outbound.message.hasPicture { dropPicture() }
        queue.append(keep(outbound))
        shrink(to: limit, hold: hold, into: &out)
        return size <= limit
    }

    /// Drops pictures and then sound, the oldest first, until the rest fits. Everything else stays.
    mutating func shrink(
        to limit: Int, hold: Interval = Interval(nanoseconds: .max), into out: inout Actions
    ) {
        if size > limit { kept.decode() }
        if size > limit { pauses.dropLast() }
        if size > limit { dropPicture() }
        guard size > limit || audio > hold else { return }
        let before = audio
        dropSound(to: limit, hold: hold)
        // A voice that is gone can ask nothing.
        voiced = min(voiced, audio)
        if audio < before { out.note(.inputDropped(before - audio)) }
    }

    /// It is the silence of a long pause.
    private mutating func leavesOut(_ outbound: OutboundMessage, limit: Int) -> Bool {
        guard outbound.message.audioBytes > 0 else { return false }
        guard outbound.message.isPlainSound, let bytes = outbound.kept else {
            pauses.interrupt()
            return false
        }
        let peak = Loudness.ofPCM16(base64: bytes.span, outbound.message.audio).peak
        loudest = max(loudest, peak)
        let isSilent = peak < Journal.hush || peak < Journal.voice && loudest >= Journal.voice
        let length = outbound.message.audioDuration
        if peak >= Journal.voice { voiced = voiced + length }
        guard pauses.leavesOut(outbound, length, isSilent: isSilent) else { return false }
        if bytes.count > Self.longestEnd || size > limit { pauses.dropLast() }
        return true
    }

    private mutating func keepEndOfPause() {
        if let last = pauses.takeLast() { queue.append(keep(last)) }
    }

    /// Its place stays.
    private mutating func drop(_ index: Int) {
        let old = queue[index]
        kept.drop(kept.index(of: old.id))
        audio = audio - old.outbound.message.audioDuration
        queue[index].id = Self.dropped
        gone += 1
    }

    /// - Parameter rest: What else was in it, and stays in its place.
    private mutating func drop(_ index: Int, but rest: OutboundMessage?) {
        drop(index)
        guard let rest else { return }
        queue[index] = keep(rest)
        gone -= 1
    }

    private mutating func compact() {
        guard gone > 0 else { return }
        queue.removeAll { $0.id == Self.dropped }
        (gone, oldest) = (0, 0)
    }

    /// Drops the oldest audio until the rest fits, and no more. What rides along stays in its place.
    private mutating func dropSound(to limit: Int, hold: Interval) {
        while oldest < queue.count, size > limit || audio > hold {
            let old = queue[oldest]
            if old.id != Self.dropped, old.outbound.message.input.contains(.audio) {
                drop(
                    oldest,
                    but: old.outbound.message.isPlainSound
                        ? nil : whole(old.id, old.outbound).rest(without: .sound, Span()))
            }
            oldest += 1
        }
        // What is gone still takes memory, which nobody counts: an eighth at most.
        if gone == queue.count || gone > queue.count / 8 + Self.mostGone { compact() }
    }

    private static func listed(_ count: Int) -> Int {
        Footprint.of(count, (Int, OutboundMessage).self)
    }

    private mutating func keep(_ outbound: OutboundMessage) -> (Int, OutboundMessage) {
        let message = outbound.message
        let bytes = outbound.kept ?? []
        kept.append(
            bytes.span, id: end, kind: message.isPlainSound ? .sound : .other,
            opcode: outbound.opcode, audio: message.audioDuration)
        if message.hasPicture { picture = end }
        end += 1
        audio = audio + message.audioDuration
        return (end - 1, outbound.replaced(by: message, nil))
    }

    /// Only the newest picture is worth sending once the connection is back, and none is worth a
    /// word. What is beside it stays.
    mutating func dropPicture() {
        guard let id = picture.take(), let index = queue.lastIndex(where: { $0.id == id })
        else { return }
        let old = queue[index]
        let rest = old.outbound.message.isPlainPicture ? nil : whole(old.id, old.outbound)
        drop(index, but: rest?.withoutPicture())
        if gone == queue.count { compact() }
        replaced += 1
    }

    /// Reports how many pictures were dropped, for newer ones or for room, and how much silence.
    mutating func tellDropped(into out: inout Actions) {
        if replaced > 0 { out.note(.picturesReplaced(replaced)) }
        replaced = 0
        let skipped = pauses.takeSkipped()
        if skipped > .zero { out.note(.silenceSkipped(skipped)) }
    }

    mutating func release() -> [OutboundMessage] {
        keepEndOfPause()
        compact()
        defer { self = EarlyInput() }
        return queue.map { whole($0.id, $0.outbound) }
    }

    private func whole(_ id: Int, _ outbound: OutboundMessage) -> OutboundMessage {
        var outbound = outbound
        outbound.kept = kept.message(kept.entries[kept.index(of: id)])
        return outbound
    }

    /// Removes and returns the first messages, up to this much audio.
    mutating func release(_ sound: Interval) -> [OutboundMessage] {
        compact()
        var (count, rest) = (0, sound)
        for (_, outbound) in queue {
            rest = rest - outbound.message.audioDuration
            guard rest >= .zero else { break }
            count += 1
        }
        guard count < queue.count else { return release() }
        voiced = .zero
        let released = queue.prefix(count).map { whole($0.id, $0.outbound) }
        for index in 0..<count { drop(index) }
        compact()
        return released
    }

    /// Audio in the first message.
    var next: Interval? {
        queue.first { $0.id != Self.dropped }?.outbound.message.audioDuration
    }
}

extension ClientMessage {
    /// Audio and nothing that must not be lost.
    var isPlainSound: Bool {
        members == .realtimeInput && input.subtracting(.mediaChunks) == .audio && later.isEmpty
    }

    var hasPicture: Bool { input.contains(.video) || later.contains(.video) }

    /// A picture and nothing that must not be lost.
    var isPlainPicture: Bool {
        members == .realtimeInput && input.subtracting(.mediaChunks) == .video
            && !later.contains(.audio)
    }
}

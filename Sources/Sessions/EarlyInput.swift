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

    var isEmpty: Bool { queue.isEmpty }
    var count: Int { queue.count }
    var size: Int {
        @inline(__always) get { kept.size + Self.listed(queue.count) + endOfPauseSize }
    }

    /// The user begins to speak in it, or asks in words.
    var asks: Bool {
        queue.contains { _, outbound in
            switch Journal.Kind(outbound.message) {
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
        // A little more than is asked for: the whole queue is rebuilt each time.
        let slack = Interval(nanoseconds: hold.nanoseconds / 16)
        dropSound(
            to: size > limit ? limit - limit / 16 : limit, hold: audio > hold ? hold - slack : hold)
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

    private mutating func drop(_ old: (id: Int, outbound: OutboundMessage)) {
        kept.drop(kept.index(of: old.id))
        audio = audio - old.outbound.message.audioDuration
    }

    /// Drops the oldest audio until the rest fits. What rides along stays in its place.
    private mutating func dropSound(to limit: Int, hold: Interval) {
        let all = queue
        queue = []
        queue.reserveCapacity(all.count)
        for (index, old) in all.enumerated() {
            let left = kept.size + Self.listed(queue.count + all.count - index)
            guard left > limit || audio > hold, old.outbound.message.input.contains(.audio) else {
                queue.append(old)
                continue
            }
            let rest =
                old.outbound.message.isPlainSound
                ? nil : whole(old.id, old.outbound).rest(without: .sound, Span())
            drop(old)
            if let rest { queue.append(keep(rest)) }
        }
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
        drop(old)
        if let rest = rest?.withoutPicture() {
            queue[index] = keep(rest)
        } else {
            queue.remove(at: index)
        }
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
        var (count, rest) = (0, sound)
        for (_, outbound) in queue {
            rest = rest - outbound.message.audioDuration
            guard rest >= .zero else { break }
            count += 1
        }
        guard count < queue.count else { return release() }
        voiced = .zero
        let released = queue.prefix(count).map { whole($0.id, $0.outbound) }
        for old in queue.prefix(count) { drop(old) }
        queue.removeFirst(count)
        return released
    }

    /// Audio in the first message.
    var next: Interval? { queue.first?.outbound.message.audioDuration }
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

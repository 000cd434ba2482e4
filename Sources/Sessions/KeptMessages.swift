import Basics
import Wire

/// Copies of the client's messages, in order, to be replayed unchanged. Long speech is kept
/// decoded: for a message that is nothing but audio in a known shape, the samples replace its
/// base64, which is a quarter smaller, and the message is reassembled on demand.
struct KeptMessages {
    /// Small, because a second of speech has fifty.
    struct Entry {
        let id: Journal.ID
        let audio: Interval
        fileprivate var place: ByteBlocks.Place
        /// Zero if its bytes are gone.
        fileprivate(set) var length: UInt32
        let kind: Journal.Kind
        let opcode: Opcode
        /// The index in `shapes` in which it is kept; negative if it is unchanged.
        fileprivate var shape: Int8 = -1

        var isGone: Bool { length == 0 }
    }

    /// The common parts of one client's audio messages.
    private struct Shape {
        private var head: [UInt8]
        private var tail: [UInt8]
        private var form: Base64.Form

        /// Of a message that is nothing but audio.
        init?(of message: Span<UInt8>) {
            guard let scanned = try? ClientMessage.scan(message), scanned.isPlainSound
            else { return nil }
            let text = scanned.audio.range.clamped(to: 0..<message.count)
            guard !text.isEmpty, message.count - text.count <= 256 else { return nil }
            (head, tail) = ([], [])
            Bytes.append(message.extracting(..<text.lowerBound), to: &head)
            Bytes.append(message.extracting(text.upperBound...), to: &tail)
            form = Base64.Form(
                isURLSafe: text.contains {
                    message[$0] == UInt8(ascii: "-") || message[$0] == UInt8(ascii: "_")
                },
                isPadded: text.count % 4 == 0)
        }

        /// The number of the message's samples, if it has this shape: `samples` begins with them.
        func reads(_ message: Span<UInt8>, into samples: inout [UInt8]) -> Int? {
            let end = message.count - tail.count
            guard head.count < end, Bytes.starts(message, at: 0, with: head.span),
                Bytes.starts(message, at: end, with: tail.span)
            else { return nil }
            return Base64.decode(
                exactly: message.extracting(head.count..<end), as: form, into: &samples)
        }

        func message(_ samples: Span<UInt8>) -> [UInt8] {
            head + Base64.encode(samples, as: form) + tail
        }
    }

    private(set) var entries: [Entry] = []
    /// Unchanged messages.
    private var raw = ByteBlocks()
    /// Samples of decoded messages.
    private var samples = ByteBlocks()
    private var shapes: [Shape] = []
    /// Audio before it is decoded, or has no shape in which it could be kept.
    private var undecided: Journal.ID = 0
    /// Entries whose bytes are gone.
    private var gone = 0

    /// Short questions are answered before decoding pays off.
    private static let rawLimit = 512 << 10
    private static let shapeLimit = 8
    private static let mostGone = 64
    /// Two seconds and a half of a client's audio, in 8 KiB.
    private static let fewEntries = 128

    var isEmpty: Bool { entries.isEmpty }
    /// Bytes kept, those of the list included: most of what a sample alone in a message takes.
    var size: Int {
        @inline(__always) get {
            raw.count + samples.count + Footprint.of(entries.count - gone, Entry.self)
        }
    }

    mutating func append(
        _ payload: Span<UInt8>, id: Journal.ID, kind: Journal.Kind, opcode: Opcode,
        audio: Interval
    ) {
        assert(entries.last.map { $0.id < id } ?? true, "messages are kept out of order")
        entries.append(
            Entry(
                id: id, audio: audio, place: raw.append(payload),
                length: UInt32(payload.count), kind: kind, opcode: opcode))
        if payload.isEmpty { gone += 1 }
        if raw.count > Self.rawLimit { decode() }
        if raw.isSparse || gone > entries.count / 2 + Self.mostGone { compact() }
    }

    /// The first entry at or after `id`.
    func index(of id: Journal.ID) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The original message.
    func message(_ entry: Entry) -> [UInt8] {
        guard !entry.isGone else { return [] }
        guard entry.shape >= 0 else { return Array(raw.bytes(at: entry.place, entry.length)) }
        let sound = samples.bytes(at: entry.place, entry.length)
        return shapes[Int(entry.shape)].message(sound.span)
    }

    mutating func drop(_ index: Int) {
        let entry = entries[index]
        guard !entry.isGone else { return }
        if entry.shape < 0 {
            raw.drop(entry.place, entry.length)
        } else {
            samples.drop(entry.place, entry.length)
        }
        entries[index].length = 0
        gone += 1
    }

    /// Keeps a part of a message in its place.
    mutating func replace(_ index: Int, with rest: Span<UInt8>, kind: Journal.Kind) {
        let old = entries[index]
        guard !old.isGone, !rest.isEmpty else { return }
        drop(index)
        gone -= 1
        entries[index] = Entry(
            id: old.id, audio: old.audio, place: raw.append(rest), length: UInt32(rest.count),
            kind: kind, opcode: old.opcode)
    }

    /// Drops everything. Memory for a short question stays.
    mutating func removeAll() {
        entries.removeAll(keepingCapacity: entries.capacity <= Self.fewEntries)
        raw.removeAll()
        samples.removeAll()
        shapes = []
        gone = 0
    }

    /// Reduces memory: decodes audio and releases spare capacity where there is much of it. A copy
    /// for nothing would take what is short.
    mutating func tighten() {
        decode()
        compact()
        if raw.isLoose || samples.isLoose { pack() }
    }

    /// Removes dropped entries.
    mutating func compact() {
        assert(gone == entries.count(where: \.isGone), "dropped messages were miscounted")
        if gone > 0 { entries.removeAll(where: \.isGone) }
        gone = 0
        if entries.isEmpty { shapes = [] }
        if raw.isSparse || samples.isSparse { pack() }
    }

    /// Moves what is left together.
    private mutating func pack() {
        let (old, oldSamples) = (raw, samples)
        (raw, samples) = (ByteBlocks(capacity: raw.count), ByteBlocks(capacity: samples.count))
        for index in entries.indices {
            let entry = entries[index]
            if entry.shape < 0 {
                entries[index].place = raw.append(old.bytes(at: entry.place, entry.length).span)
            } else {
                let kept = oldSamples.bytes(at: entry.place, entry.length)
                entries[index].place = samples.append(kept.span)
            }
        }
    }

    // MARK: Decoding

    /// Decodes all audio that can be restored byte for byte; the rest stays unchanged.
    mutating func decode() {
        var pcm: [UInt8] = []
        for index in self.index(of: undecided)..<entries.count
        where entries[index].kind == .sound && !entries[index].isGone {
            decode(index, by: &pcm)
        }
        if let last = entries.last { undecided = last.id + 1 }
        if raw.isSparse { compact() }
    }

    /// - Parameter pcm: Memory for samples, used again for each message.
    private mutating func decode(_ index: Int, by pcm: inout [UInt8]) {
        let bytes = raw.bytes(at: entries[index].place, entries[index].length)
        guard let (shape, count) = shape(of: bytes.span, into: &pcm) else { return }
        raw.drop(entries[index].place, entries[index].length)
        entries[index].place = samples.append(pcm.span.extracting(..<count))
        entries[index].length = UInt32(count)
        entries[index].shape = Int8(shape)
    }

    /// Index of the message's shape, and the number of its samples; `nil` for what could not be
    /// restored byte for byte.
    private mutating func shape(
        of message: Span<UInt8>, into pcm: inout [UInt8]
    ) -> (Int, Int)? {
        for index in shapes.indices {
            if let count = shapes[index].reads(message, into: &pcm) { return (index, count) }
        }
        guard shapes.count < Self.shapeLimit, let shape = Shape(of: message),
            let count = shape.reads(message, into: &pcm)
        else { return nil }
        shapes.append(shape)
        return (shapes.count - 1, count)
    }
}

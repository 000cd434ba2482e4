import Basics
import Wire

/// Copies of the client's messages, in order, to be replayed unchanged. Long speech is kept
/// decoded: for a message that is nothing but audio in a known shape, the samples replace its
/// base64, which is a quarter smaller, and the message is reassembled on demand.
struct KeptMessages {
    struct Entry {
        let id: Journal.ID
        let kind: Journal.Kind
        let opcode: Opcode
        let audio: Interval
        fileprivate var place: ByteBlocks.Place
        /// Zero if its bytes are gone.
        fileprivate(set) var length: Int
        /// The index in `shapes` in which it is kept; `nil` if it is unchanged.
        fileprivate var shape: Int?
        /// It has no shape in which it could be kept, so there is no point in trying again.
        fileprivate var isShapeless = false

        var isGone: Bool { length == 0 }
    }

    /// The common parts of one client's audio messages.
    private struct Shape: Equatable {
        var head: [UInt8]
        var tail: [UInt8]
        var isURLSafe: Bool
        var isPadded: Bool

        /// Base64 as this client writes it.
        func text(_ samples: Span<UInt8>) -> [UInt8] {
            var text = Base64.encode(samples)
            if !isPadded { while text.last == UInt8(ascii: "=") { text.removeLast() } }
            guard isURLSafe else { return text }
            for at in text.indices {
                if text[at] == UInt8(ascii: "+") { text[at] = UInt8(ascii: "-") }
                if text[at] == UInt8(ascii: "/") { text[at] = UInt8(ascii: "_") }
            }
            return text
        }
    }

    private(set) var entries: [Entry] = []
    /// Unchanged messages.
    private var raw = ByteBlocks()
    /// Samples of decoded messages.
    private var samples = ByteBlocks()
    private var shapes: [Shape] = []

    /// Short questions are answered before decoding pays off.
    private static let rawLimit = 512 << 10
    private static let shapeLimit = 8

    var isEmpty: Bool { entries.isEmpty }
    /// Bytes kept.
    var size: Int { raw.count + samples.count }

    mutating func append(
        _ payload: Span<UInt8>, id: Journal.ID, kind: Journal.Kind, opcode: Opcode,
        audio: Interval
    ) {
        entries.append(
            Entry(
                id: id, kind: kind, opcode: opcode, audio: audio, place: raw.append(payload),
                length: payload.count))
        if raw.count > Self.rawLimit { decode() }
        if raw.isSparse { compact() }
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
        guard let shape = entry.shape else {
            return Array(raw.bytes(at: entry.place, entry.length))
        }
        let form = shapes[shape]
        let text = form.text(samples.bytes(at: entry.place, entry.length).span)
        return form.head + text + form.tail
    }

    mutating func drop(_ index: Int) {
        let entry = entries[index]
        guard !entry.isGone else { return }
        if entry.shape == nil {
            raw.drop(entry.place, entry.length)
        } else {
            samples.drop(entry.place, entry.length)
        }
        entries[index].length = 0
    }

    /// Reduces memory to the minimum: decodes audio and releases spare capacity.
    mutating func tighten() {
        decode()
        compact(tightly: true)
    }

    /// Removes dropped entries.
    mutating func compact(tightly: Bool = false) {
        entries.removeAll(where: \.isGone)
        if entries.isEmpty { shapes = [] }
        if tightly || raw.isSparse || samples.isSparse { pack() }
    }

    /// Moves what is left together.
    private mutating func pack() {
        let (old, oldSamples) = (raw, samples)
        (raw, samples) = (ByteBlocks(capacity: raw.count), ByteBlocks(capacity: samples.count))
        for index in entries.indices {
            let entry = entries[index]
            if entry.shape == nil {
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
        var isDecoded = false
        for index in entries.indices
        where entries[index].shape == nil && entries[index].kind == .sound && !entries[index].isGone
            && !entries[index].isShapeless
        {
            entries[index].isShapeless = !decode(index)
            if !entries[index].isShapeless { isDecoded = true }
        }
        if isDecoded { compact() }
    }

    private mutating func decode(_ index: Int) -> Bool {
        guard let (shape, pcm) = decoded(entries[index]) else { return false }
        let known = shapes.firstIndex(of: shape)
        guard known != nil || shapes.count < Self.shapeLimit else { return false }
        if known == nil { shapes.append(shape) }
        raw.drop(entries[index].place, entries[index].length)
        entries[index].place = samples.append(pcm.span)
        entries[index].length = pcm.count
        entries[index].shape = known ?? shapes.count - 1
        return true
    }

    /// `nil` for what could not be restored byte for byte.
    private func decoded(_ entry: Entry) -> (Shape, [UInt8])? {
        let bytes = raw.bytes(at: entry.place, entry.length)
        let message = bytes.span
        guard let scanned = try? ClientMessage.scan(message), scanned.isPlainSound
        else { return nil }
        let text = scanned.audio.range.clamped(to: 0..<message.count)
        guard message.count - text.count <= 256,
            let pcm = Base64.decode(message.extracting(text)), !pcm.isEmpty
        else { return nil }
        let (head, tail) = (bytes.startIndex + text.lowerBound, bytes.startIndex + text.upperBound)
        let characters = bytes[head..<tail]
        let shape = Shape(
            head: Array(bytes[..<head]), tail: Array(bytes[tail...]),
            isURLSafe: characters.contains { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") },
            isPadded: pcm.count % 3 == 0 || characters.last == UInt8(ascii: "="))
        return shape.text(pcm.span).elementsEqual(characters) ? (shape, pcm) : nil
    }
}

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
        fileprivate var start: Int
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
    /// Unchanged messages, and how much of them was dropped.
    private var raw: [UInt8] = []
    private var rawDropped = 0
    /// Samples of decoded messages, likewise.
    private var samples: [UInt8] = []
    private var samplesDropped = 0
    private var shapes: [Shape] = []

    /// Short questions are answered before decoding pays off.
    private static let rawLimit = 512 << 10
    private static let shapeLimit = 8
    /// A long speech must not stay allocated for the rest of the call.
    private static let idleCapacity = 64 << 10

    var isEmpty: Bool { entries.isEmpty }
    /// Bytes kept.
    var size: Int { raw.count - rawDropped + samples.count - samplesDropped }

    mutating func append(
        _ payload: Span<UInt8>, id: Journal.ID, kind: Journal.Kind, opcode: Opcode,
        audio: Interval
    ) {
        entries.append(
            Entry(
                id: id, kind: kind, opcode: opcode, audio: audio, start: raw.count,
                length: payload.count))
        if raw.count + payload.count > raw.capacity {
            // Doubling would copy a speech more often than sending it does.
            raw.reserveCapacity(max(16_384, 4 * raw.count) + payload.count)
        }
        Bytes.append(payload, to: &raw)
        if raw.count - rawDropped > Self.rawLimit { decode() }
        if rawDropped > 65_536, rawDropped > raw.count / 2 { compact() }
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
        let range = entry.start..<entry.start + entry.length
        guard let shape = entry.shape else { return Array(raw[range]) }
        let form = shapes[shape]
        return form.head + form.text(samples.span.extracting(range)) + form.tail
    }

    mutating func drop(_ index: Int) {
        if entries[index].shape == nil {
            rawDropped += entries[index].length
        } else {
            samplesDropped += entries[index].length
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
        guard !entries.isEmpty else {
            raw.removeAll(keepingCapacity: !tightly && raw.capacity <= Self.idleCapacity)
            samples.removeAll(keepingCapacity: false)
            shapes = []
            (rawDropped, samplesDropped) = (0, 0)
            return
        }
        var packed: [UInt8] = []
        packed.reserveCapacity((tightly ? 1 : 2) * (raw.count - rawDropped))
        var packedSamples: [UInt8] = []
        packedSamples.reserveCapacity(samples.count - samplesDropped)
        for index in entries.indices {
            let range = entries[index].start..<entries[index].start + entries[index].length
            if entries[index].shape == nil {
                entries[index].start = packed.count
                Bytes.append(raw.span.extracting(range), to: &packed)
            } else {
                entries[index].start = packedSamples.count
                Bytes.append(samples.span.extracting(range), to: &packedSamples)
            }
        }
        (raw, samples) = (packed, packedSamples)
        (rawDropped, samplesDropped) = (0, 0)
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
        rawDropped += entries[index].length
        entries[index].start = samples.count
        entries[index].length = pcm.count
        entries[index].shape = known ?? shapes.count - 1
        samples += pcm
        return true
    }

    /// `nil` for what could not be restored byte for byte.
    private func decoded(_ entry: Entry) -> (Shape, [UInt8])? {
        let message = raw.span.extracting(entry.start..<entry.start + entry.length)
        guard let scanned = try? ClientMessage.scan(message), scanned.isPlainSound
        else { return nil }
        let text = scanned.audio.range.clamped(to: 0..<message.count)
        guard message.count - text.count <= 256,
            let pcm = Base64.decode(message.extracting(text)), !pcm.isEmpty
        else { return nil }
        let characters = raw[entry.start + text.lowerBound..<entry.start + text.upperBound]
        let shape = Shape(
            head: Array(raw[entry.start..<entry.start + text.lowerBound]),
            tail: Array(raw[entry.start + text.upperBound..<entry.start + entry.length]),
            isURLSafe: characters.contains { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") },
            isPadded: pcm.count % 3 == 0 || characters.last == UInt8(ascii: "="))
        return shape.text(pcm.span).elementsEqual(characters) ? (shape, pcm) : nil
    }
}

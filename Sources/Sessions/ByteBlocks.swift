import Basics

/// Bytes that are appended in pieces and dropped piece by piece, in blocks that never move: growing
/// copies nothing, and dropping frees a block as soon as nothing else is in it.
struct ByteBlocks {
    struct Place {
        fileprivate var block: UInt32
        fileprivate var start: UInt32
    }

    private struct Block {
        var bytes: [UInt8] = []
        /// The number of pieces that have not been dropped.
        var kept = 0
    }

    /// Blocks before the open one, the oldest first. An empty one keeps its place.
    private var full: [Block] = []
    private var open = Block()
    /// The number of the first block in `full`: older ones are gone.
    private var first = 0
    /// Bytes that have not been dropped.
    private(set) var count = 0
    /// Bytes in blocks.
    private var filled = 0

    /// Two seconds of a client's audio; the first block is for short questions.
    private static let blockSize = 64 << 10
    private static let firstSize = 16 << 10

    /// More is dropped than kept, but shares blocks with kept bytes.
    var isSparse: Bool { filled > 2 * count + 2 * Self.blockSize }

    /// More than a fifth of its memory is unused.
    var isLoose: Bool { filled - count + open.bytes.capacity - open.bytes.count > count / 4 }

    /// - Parameter capacity: Room for this many bytes, in one block.
    init(capacity: Int = 0) { open.bytes.reserveCapacity(capacity) }

    mutating func append(_ bytes: Span<UInt8>) -> Place {
        if open.bytes.count + bytes.count > open.bytes.capacity { openBlock(bytes.count) }
        let place = Place(
            block: UInt32(first + full.count), start: UInt32(open.bytes.count))
        Bytes.append(bytes, to: &open.bytes)
        open.kept += bytes.count
        count += bytes.count
        filled += bytes.count
        return place
    }

    /// A piece longer than a block gets its own block.
    private mutating func openBlock(_ room: Int) {
        let size = open.bytes.isEmpty && full.isEmpty ? Self.firstSize : Self.blockSize
        if !open.bytes.isEmpty { full.append(open) }
        open = Block()
        open.bytes.reserveCapacity(max(size, room))
    }

    func bytes(at place: Place, _ length: UInt32) -> ArraySlice<UInt8> {
        let (index, start) = (Int(place.block) - first, Int(place.start))
        let bytes = index < full.count ? full[index].bytes : open.bytes
        return bytes[start..<start + Int(length)]
    }

    /// Drops a piece; its place then has no meaning.
    mutating func drop(_ place: Place, _ length: UInt32) {
        let length = Int(length)
        count -= length
        let index = Int(place.block) - first
        guard index < full.count else {
            open.kept -= length
            if open.kept == 0 { emptyOpen() }
            return
        }
        full[index].kept -= length
        guard full[index].kept == 0 else { return }
        filled -= full[index].bytes.count
        full[index].bytes = []
        let gone = full.prefix { $0.kept == 0 }.count
        full.removeFirst(gone)
        first += gone
    }

    /// Drops everything.
    mutating func removeAll() {
        guard filled > 0 else { return }
        first += full.count
        full = []
        count = 0
        open.kept = 0
        emptyOpen()
        filled = 0
    }

    private mutating func emptyOpen() {
        filled -= open.bytes.count
        // A picture's block must not stay for the rest of the call.
        open.bytes.removeAll(keepingCapacity: open.bytes.capacity <= Self.blockSize)
    }
}

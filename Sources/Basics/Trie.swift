/// Where a value may start.
struct Start {
    let index: Int
    /// Of what stands there.
    let readings: [Escape.Reading]
    /// Whether a peer wrote all of the text.
    let isQuotation: Bool

    init(at index: Int, of bytes: [UInt8], isQuotation: Bool) {
        self.index = index
        self.isQuotation = isQuotation
        readings = Escape.readings(bytes, index)
    }
}

/// Values by their bytes, so that all are searched for at once.
struct Trie: Sendable {
    private struct Step: Hashable {
        var node: Int
        var byte: UInt8
    }
    /// Where a value is one; a later case says more.
    enum Ending: Int {
        /// In what peers wrote, as a separate word or anywhere.
        case quotedAlone, quoted
        case anywhere
        /// The value continues for as long as there are bytes of its kind.
        case further
    }
    /// By then a value is recognised; the rest need not be stored.
    private static let depth = 64

    private var next: [Step: Int] = [:]
    private var endings: [Int: Ending] = [:]
    private var count = 1
    /// Nodes below it are parts of values that were sent.
    private var sent = 0
    /// Nodes of beginnings that another name could have, too.
    private var likeNames: Set<Int> = []
    /// Bytes that follow a name and may be chance.
    private static let chance = 3
    /// Whether each pair of bytes may be followed by a separator.
    private let allowsSeparators: Bool
    /// The first three bytes of all values, as bits: nearly every position of a long text is
    /// skipped with it.
    private var beginnings = [UInt64](repeating: 0, count: 1024)

    init(allowsSeparators: Bool = false) { self.allowsSeparators = allowsSeparators }

    var isEmpty: Bool { next.isEmpty }

    /// The values that follow were not sent.
    mutating func endOfSent() { sent = count }

    func begins(_ byte: UInt8) -> Bool { next[Step(node: 0, byte: byte)] != nil }

    private static func slot(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> (word: Int, bit: UInt64) {
        let sum = (Int(a) << 10) ^ (Int(b) << 5) ^ Int(c)
        return ((sum >> 6) & 1023, 1 << UInt64(sum & 63))
    }

    private func mayBegin(_ bytes: [UInt8], _ at: Int, _ folding: (UInt8) -> UInt8) -> Bool {
        guard at + 2 < bytes.count else { return false }
        let (a, b, c) = (bytes[at], bytes[at + 1], bytes[at + 2])
        if Escape.begins(a) || Escape.begins(b) || Escape.begins(c) { return true }
        if allowsSeparators, Self.isSeparator(c) { return true }
        let slot = Self.slot(folding(a), folding(b), folding(c))
        return beginnings[slot.word] & slot.bit != 0
    }

    /// - Parameter name: How many bytes it begins with that are part of a name.
    mutating func insert(_ value: [UInt8], _ ending: Ending, name: Int = 0) {
        if value.count >= 3 {
            let slot = Self.slot(value[0], value[1], value[2])
            beginnings[slot.word] |= slot.bit
        }
        var node = 0
        for (depth, byte) in value.prefix(Self.depth).enumerated() {
            let step = Step(node: node, byte: byte)
            if let known = next[step] {
                node = known
            } else {
                next[step] = count
                node = count
                count += 1
            }
            if name > 0, depth < name + Self.chance { likeNames.insert(node) }
        }
        let ending = value.count > Self.depth ? .further : ending
        if ending.rawValue > endings[node]?.rawValue ?? -1 { endings[node] = ending }
    }

    /// Where the longest value that starts at `start` ends; the end of the text if it ends inside a
    /// value.
    func end(in bytes: [UInt8], from place: Start, folding: (UInt8) -> UInt8) -> Int? {
        let (start, isQuotation) = (place.index, place.isQuotation)
        guard mayBegin(bytes, start, folding) else { return nil }
        var best: Int?
        // If a byte can be read in two ways, both are tried.
        var open = [(node: 0, at: start, depth: 0)]
        while let (node, at, depth) = open.popLast() {
            switch endings[node] {
            case .anywhere: best = max(best ?? at, at)
            case .quoted where isQuotation: best = max(best ?? at, at)
            case .quotedAlone where isQuotation && isAlone(bytes, start, at):
                best = max(best ?? at, at)
            case .further: best = max(best ?? at, endOfWord(bytes, at))
            case .quoted, .quotedAlone, nil: break
            }
            if isQuotation, node < sent, depth >= Scrubber.shortestBeginning,
                isCut(bytes, at) || !likeNames.contains(node) && !isWords(bytes[start..<at])
            {
                best = max(best ?? at, at)
            }
            guard at < bytes.count else { continue }
            if allowsSeparators, depth > 0, depth % 2 == 0 {
                let end = endOfSeparator(bytes, at)
                if end > at { open.append((node, end, depth)) }
            }
            if let known = next[Step(node: node, byte: folding(bytes[at]))] {
                open.append((known, at + 1, depth + 1))
            }
            for reading in at == start ? place.readings : Escape.readings(bytes, at) {
                let step = Step(node: node, byte: folding(reading.byte))
                if let known = next[step] { open.append((known, reading.end, depth + 1)) }
            }
        }
        return best
    }

    /// Whether the text may be words that a value happens to begin with: a key `internal-7Kf2` is not
    /// quoted by `internal error`.
    private func isWords(_ text: ArraySlice<UInt8>) -> Bool {
        text.enumerated().allSatisfy { index, byte in
            (0x61...0x7A).contains(byte) || "-_./ ".utf8.contains(byte)
                || index == 0 && isWordByte(byte)
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { ": -,;".utf8.contains(byte) }

    /// Behind `: `, `, 0x` or the like; `at` if nothing of the kind follows.
    private func endOfSeparator(_ bytes: [UInt8], _ at: Int) -> Int {
        var end = at
        while end < bytes.count, end < at + 2, Self.isSeparator(bytes[end]) { end += 1 }
        return end > at && bytes[end...].starts(with: "0x".utf8) ? end + 2 : end
    }

    private func endOfWord(_ bytes: [UInt8], _ start: Int) -> Int {
        bytes[start...].firstIndex { !isWordByte($0) && !"%+/=-_.~\\".utf8.contains($0) }
            ?? bytes.count
    }

    private func isAlone(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
        (start == 0 || !isWordByte(bytes[start - 1]))
            && (end == bytes.count || !isWordByte(bytes[end]))
    }

    /// The text ends here, or indicates an omission. Half an escape is an end, too.
    private func isCut(_ bytes: [UInt8], _ at: Int) -> Bool {
        let rest = bytes[at...]
        if rest.isEmpty || rest.starts(with: "...".utf8) || rest.starts(with: "…".utf8) {
            return true
        }
        return Escape.isCut(bytes, at)
    }
}

func isWordByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}

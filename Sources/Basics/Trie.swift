/// Values by their bytes, so that all are searched for at once.
struct Trie: Sendable {
    /// A byte of one or more values: the path to it is how they begin.
    private struct Node {
        var byte: UInt8 = 0
        /// The first node one byte further, and the next one beside this; 0 if there is none.
        var child: Int32 = 0
        var sibling: Int32 = 0
        var ending: Ending?
        /// What leads here may be part of a name, and not of a value.
        var isLikeName = false
    }
    /// Where a complete value is recognised; if two values are equal, the later case counts.
    enum Ending: Int {
        /// Only in text by peers: as a separate word, or anywhere.
        case quotedAlone, quoted
        case anywhere
        /// The value is longer than its stored part; it extends over all bytes of its kind that
        /// follow.
        case further
    }
    /// One reading of the text, from the start of a value to `at`.
    struct Path {
        fileprivate var node: Int
        fileprivate var at: Int
        fileprivate var depth = 0
        fileprivate var isBehindSeparator = false
        /// What was read may be ordinary words.
        fileprivate var isWords = true
    }
    /// The bytes stored of each value: enough to recognise it.
    private static let depth = 64
    /// The limit on one search. Only a value that consists of characters that begin escapes can be
    /// read in more ways; it is then assumed found.
    private static let mostSteps = 4096

    private var nodes = [Node()]
    /// The node of each first byte.
    private var first = [Int32](repeating: 0, count: 256)
    /// Nodes with a smaller index are parts of values that were sent to peers.
    private var sent = 0
    /// This many bytes after a name may agree with a value by chance.
    private static let chance = 3
    /// Whether each pair of bytes may be followed by a separator.
    private let allowsSeparators: Bool
    /// The byte as which each byte of a text is compared.
    private let folded: [UInt8]
    /// The first three bytes of all values, as bits: nearly every position of a long text is
    /// skipped with it.
    private var beginnings = [UInt64](repeating: 0, count: 1024)

    init(allowsSeparators: Bool = false, folding: (UInt8) -> UInt8 = { $0 }) {
        self.allowsSeparators = allowsSeparators
        folded = (UInt8.min...UInt8.max).map(folding)
    }

    var isEmpty: Bool { nodes.count == 1 }

    /// Values inserted from now on were not sent to peers.
    mutating func endOfSent() { sent = nodes.count }

    func begins(_ byte: UInt8) -> Bool { first[Int(folded[Int(byte)])] > 0 }

    private static func slot(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> (word: Int, bit: UInt64) {
        let sum = (Int(a) << 10) ^ (Int(b) << 5) ^ Int(c)
        return ((sum >> 6) & 1023, 1 << UInt64(sum & 63))
    }

    private func mayBegin(_ bytes: [UInt8], _ at: Int) -> Bool {
        guard at + 2 < bytes.count else { return false }
        let (a, b, c) = (bytes[at], bytes[at + 1], bytes[at + 2])
        if Escapes.begins(a) || Escapes.begins(b) || Escapes.begins(c) { return true }
        if allowsSeparators, Self.isSeparator(c) { return true }
        let slot = Self.slot(folded[Int(a)], folded[Int(b)], folded[Int(c)])
        return beginnings[slot.word] & slot.bit != 0
    }

    /// - Parameter name: The number of bytes at its beginning that are also part of a name.
    mutating func insert(_ value: [UInt8], _ ending: Ending, name: Int = 0) {
        if value.count >= 3 {
            let slot = Self.slot(value[0], value[1], value[2])
            beginnings[slot.word] |= slot.bit
        }
        var node = 0
        for (depth, byte) in value.prefix(Self.depth).enumerated() {
            node = next(node, byte) ?? add(byte, to: node)
            if name > 0, depth < name + Self.chance { nodes[node].isLikeName = true }
        }
        let ending = value.count > Self.depth ? .further : ending
        if ending.rawValue > nodes[node].ending?.rawValue ?? -1 { nodes[node].ending = ending }
    }

    private mutating func add(_ byte: UInt8, to node: Int) -> Int {
        let new = Int32(nodes.count)
        nodes.append(Node(byte: byte, sibling: nodes[node].child))
        nodes[node].child = new
        if node == 0 { first[Int(byte)] = new }
        return Int(new)
    }

    private func next(_ node: Int, _ byte: UInt8) -> Int? {
        if node == 0 { return first[Int(byte)] > 0 ? Int(first[Int(byte)]) : nil }
        var child = Int(nodes[node].child)
        while child > 0, nodes[child].byte != byte { child = Int(nodes[child].sibling) }
        return child > 0 ? child : nil
    }

    /// Where the longest value that starts at `start` ends; the end of the text if it ends inside a
    /// value.
    ///
    /// - Parameter open: Room for the paths that are still to be followed.
    func end(
        in text: Escapes, from start: Int, isQuotation: Bool, _ open: inout [Path]
    ) -> Int? {
        let bytes = text.bytes
        guard mayBegin(bytes, start) else { return nil }
        var best: Int?
        var steps = 0
        follow(Path(node: 0, at: start), in: text, &open)
        while let path = open.popLast() {
            let at = path.at
            steps += 1
            if steps > Self.mostSteps {
                open.removeAll(keepingCapacity: true)
                return max(best ?? at, at)
            }
            if endsValue(path, from: start, in: text, isQuotation) {
                best = max(best ?? at, at)
            }
            if nodes[path.node].ending == .further {
                best = max(best ?? at, endOfWord(bytes, at))
            }
            if at < bytes.count { follow(path, in: text, &open) }
        }
        return best
    }

    /// Follows every reading of the next byte: after a separator, as it stands, as an escape.
    private func follow(_ path: Path, in text: Escapes, _ open: inout [Path]) {
        let (bytes, at) = (text.bytes, path.at)
        if allowsSeparators, path.depth > 0, path.depth.isMultiple(of: 2), !path.isBehindSeparator {
            var end = path
            end.at = endOfSeparator(bytes, at)
            end.isBehindSeparator = true
            if end.at > at { open.append(end) }
        }
        follow(path, as: bytes[at], to: at + 1, in: bytes, &open)
        if bytes[at] == UInt8(ascii: "+") {
            follow(path, as: UInt8(ascii: " "), to: at + 1, in: bytes, &open)
        }
        text.forEachReading(at: at) { follow(path, as: $0.byte, to: $0.end, in: bytes, &open) }
    }

    private func follow(
        _ path: Path, as byte: UInt8, to end: Int, in bytes: [UInt8], _ open: inout [Path]
    ) {
        guard let node = next(path.node, folded[Int(byte)]) else { return }
        let isWords =
            path.isWords
            && (path.at..<end).allSatisfy {
                Self.isOfWords(bytes[$0])
                    || path.depth == 0 && $0 == path.at && isWordByte(bytes[$0])
            }
        open.append(Path(node: node, at: end, depth: path.depth + 1, isWords: isWords))
    }

    private func endsValue(
        _ path: Path, from start: Int, in text: Escapes, _ isQuotation: Bool
    ) -> Bool {
        switch nodes[path.node].ending {
        case .anywhere: return true
        case .quoted where isQuotation: return true
        case .quotedAlone where isQuotation && isAlone(text.bytes, start, path.at): return true
        case .quoted, .quotedAlone, .further, nil: break
        }
        // The beginning of a value whose rest was cut off.
        guard isQuotation, path.node < sent, path.depth >= Scrubber.shortestBeginning else {
            return false
        }
        return !nodes[path.node].isLikeName && !path.isWords || isCut(text, path.at)
    }

    /// Whether a byte occurs in ordinary words, with which a value may happen to begin: `internal
    /// error` does not quote the key `internal-7Kf2`. Any letter or digit may come first.
    private static func isOfWords(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "/"), UInt8(ascii: " "):
            true
        default: false
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: ","),
            UInt8(ascii: ";"):
            true
        default: false
        }
    }

    /// The position after `: `, `, 0x` or a similar separator; `at` if there is none.
    private func endOfSeparator(_ bytes: [UInt8], _ at: Int) -> Int {
        var end = at
        while end < bytes.count, end < at + Self.longestSeparator, Self.isSeparator(bytes[end]) {
            end += 1
        }
        return end > at && bytes[end...].starts(with: "0x".utf8) ? end + 2 : end
    }
    private static let longestSeparator = 8

    private func endOfWord(_ bytes: [UInt8], _ start: Int) -> Int {
        bytes[start...].firstIndex { !isWordByte($0) && !"%+/=-_.~\\".utf8.contains($0) }
            ?? bytes.count
    }

    private func isAlone(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
        (start == 0 || !isWordByte(bytes[start - 1]))
            && (end == bytes.count || !isWordByte(bytes[end]))
    }

    /// Whether the text ends here, even inside an escape, or marks an omission.
    private func isCut(_ text: Escapes, _ at: Int) -> Bool {
        guard at < text.bytes.count else { return true }
        switch text.bytes[at] {
        case UInt8(ascii: "."): return text.bytes[at...].starts(with: "...".utf8)
        case 0xE2: return text.bytes[at...].starts(with: "…".utf8)
        default: return text.isCut(at: at)
        }
    }
}

func isWordByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}

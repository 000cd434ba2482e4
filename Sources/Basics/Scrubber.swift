/// Removes known values from text that may quote them: verbatim, percent-encoded, escaped as in JSON
/// or HTML, in base64 of either alphabet, in hexadecimal with or without separators, in any mixture
/// of these, and truncated. The work grows with the text, not with the number of values.
///
/// A text that a peer wrote may quote what the peer was sent, or only its beginning. In any other
/// text our own words stand, too: only whole values are removed from it, and none that could be one of
/// our words.
public struct Scrubber: Sendable {
    /// Replaces each value.
    public static let mark = "[redacted]"
    /// How much of a truncated value must be present for it to be recognised.
    public static let shortestBeginning = 8
    /// Shorter values are removed only as separate words.
    private static let shortestInWords = 6
    private static let shortest = 4

    private var plain = Trie()
    private var base64 = Trie()
    private var hexadecimal = Trie(allowsSeparators: true)
    /// Whether any value, in any encoding, begins with a byte: most positions of a text are passed
    /// over with it.
    private var starts = [Bool](repeating: false, count: 256)
    private var values: [[UInt8]] = []
    private var piecesOfNames: Set<UInt64> = []

    /// - Parameters:
    ///   - sent: Values that peers know, and may quote.
    ///   - kept: Values that no peer was sent by us. Whoever writes one knows it from elsewhere, and
    ///     writes it whole.
    ///   - names: Texts that stay. A value that is part of one is none.
    public init(
        _ sent: some Sequence<String> = [], kept: some Sequence<String> = [],
        sparing names: some Sequence<String> = []
    ) {
        let names = names.map { Array($0.utf8) }
        for name in names { Self.forEachPiece(of: name) { piecesOfNames.insert($0) } }
        for value in sent {
            let weakness = Self.weakness(of: value, names)
            guard weakness != .name else { continue }
            let bytes = Array(value.utf8)
            add(bytes, isWeak: weakness != nil, name: Self.longestBeginning(of: bytes, in: names))
        }
        plain.endOfSent()
        base64.endOfSent()
        hexadecimal.endOfSent()
        for value in kept where Self.weakness(of: value, names) == nil {
            add(Array(value.utf8), isWeak: false)
        }
        for byte in UInt8.min...UInt8.max {
            starts[Int(byte)] =
                Escape.begins(byte) || plain.begins(byte)
                || hexadecimal.begins(Self.lowercased(byte))
                || base64.begins(Self.standard(byte))
        }
    }

    public var isEmpty: Bool { plain.isEmpty }

    /// Why a value hides nothing, or cannot be told from words.
    public enum Weakness: Sendable {
        /// Fewer than eight characters.
        case short
        /// Fewer than sixteen, and all of them letters, or all of them digits.
        case word
        /// Part of a name.
        case name
    }

    public static func weakness(
        of value: String, sparing names: some Sequence<String>
    ) -> Weakness? {
        weakness(of: value, names.map { Array($0.utf8) })
    }

    private static func weakness(of value: String, _ names: [[UInt8]]) -> Weakness? {
        let bytes = Array(value.utf8)
        if names.contains(where: { contains($0, bytes) }) { return .name }
        if bytes.count < 8 { return .short }
        guard bytes.count < 16 else { return nil }
        let digits = bytes.count { (0x30...0x39).contains($0) }
        return digits == bytes.count || (digits == 0 && bytes.allSatisfy(isWordByte)) ? .word : nil
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard !part.isEmpty, text.count >= part.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }

    /// How many bytes a value begins with that stand in one of the names.
    private static func longestBeginning(of value: [UInt8], in names: [[UInt8]]) -> Int {
        var longest = 0
        for name in names {
            for start in name.indices {
                let common = zip(value, name[start...]).prefix { $0 == $1 }.count
                longest = max(longest, common)
            }
        }
        return longest
    }

    /// - Parameter name: How many bytes it begins with that are part of a name.
    private mutating func add(_ value: [UInt8], isWeak: Bool, name: Int = 0) {
        guard value.count >= Self.shortest else { return }
        values.append(value)
        let isInWords = value.count >= Self.shortestInWords
        plain.insert(value, isWeak ? (isInWords ? .quoted : .quotedAlone) : .anywhere, name: name)
        guard isInWords else { return }
        let ending: Trie.Ending = isWeak ? .quoted : .anywhere
        hexadecimal.insert(
            value.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }, ending)
        // Encoded with up to two bytes in front of it: the part that does not depend on neighbours.
        for lead in 0..<3 {
            let encoded = Base64.encode((Array(repeating: 0, count: lead) + value).span)
            let first = [0, 2, 3][lead]
            let last = (lead + value.count) * 4 / 3
            base64.insert(Array(encoded[first..<last]), ending)
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Text with words of our own.
    public func scrub(_ text: String) -> String { scrub(text, isQuotation: false) }

    /// Text that a peer wrote.
    public func scrub(quotation text: String) -> String { scrub(text, isQuotation: true) }

    public func scrub(quotation bytes: [UInt8]) -> [UInt8] {
        scrubbed(bytes, isQuotation: true) ?? bytes
    }

    private func scrub(_ text: String, isQuotation: Bool) -> String {
        if plain.isEmpty || text.utf8.count < Self.shortest { return text }
        guard let clean = scrubbed(Array(text.utf8), isQuotation: isQuotation) else { return text }
        return String(decoding: clean, as: UTF8.self)
    }

    /// Whether `text` shares a piece of `shortestBeginning` bytes with any value, from whichever part
    /// of it, that is not part of a name: for what need not be shown. Reads all values.
    public func quotes(_ text: String) -> Bool {
        var pieces: Set<UInt64> = []
        Self.forEachPiece(of: Array(text.utf8)) { pieces.insert($0) }
        pieces.subtract(piecesOfNames)
        if pieces.isEmpty { return false }
        return values.contains { value in
            var isQuoted = false
            Self.forEachPiece(of: value) { isQuoted = isQuoted || pieces.contains($0) }
            return isQuoted
        }
    }

    private static func forEachPiece(of bytes: [UInt8], _ body: (UInt64) -> Void) {
        var piece: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            piece = piece << 8 | UInt64(byte)
            if index + 1 >= shortestBeginning { body(piece) }
        }
    }

    public func scrub(_ bytes: [UInt8]) -> [UInt8] { scrubbed(bytes, isQuotation: false) ?? bytes }

    /// Nil if there is nothing to remove.
    private func scrubbed(_ bytes: [UInt8], isQuotation: Bool) -> [UInt8]? {
        var result: [UInt8] = []
        var kept = 0
        for range in places(in: bytes, isQuotation: isQuotation) {
            result += bytes[kept..<range.lowerBound]
            result += Self.mark.utf8
            kept = range.upperBound
        }
        guard kept > 0 else { return nil }
        return result + bytes[kept...]
    }

    /// Where values occur, in order, without overlaps, and with whole escapes: without them, a text
    /// in JSON is still JSON.
    ///
    /// - Parameter isQuotation: Whether a peer wrote all of it.
    public func places(in bytes: [UInt8], isQuotation: Bool = false) -> [Range<Int>] {
        guard !plain.isEmpty, bytes.count >= Self.shortest else { return [] }
        var found: [Range<Int>] = []
        var index = 0
        while index < bytes.count {
            guard starts[Int(bytes[index])], let end = end(of: bytes, from: index, isQuotation)
            else {
                index += 1
                continue
            }
            // Not half of what a backslash begins.
            let start = Self.isEscaped(index, in: bytes) ? index - 1 : index
            let isHalf = bytes[end - 1] == UInt8(ascii: "\\") && Self.isEscaped(end, in: bytes)
            found.append(start..<(isHalf ? end - 1 : end))
            index = end
        }
        return found
    }

    /// Whether an odd number of backslashes stands before it.
    private static func isEscaped(_ index: Int, in bytes: [UInt8]) -> Bool {
        var first = index
        while first > 0, bytes[first - 1] == UInt8(ascii: "\\") { first -= 1 }
        return !(index - first).isMultiple(of: 2)
    }

    private func end(of bytes: [UInt8], from start: Int, _ isQuotation: Bool) -> Int? {
        if let end = plain.end(in: bytes, from: start, isQuotation, folding: { $0 }) {
            return end
        }
        if let end = hexadecimal.end(
            in: bytes, from: start, isQuotation, folding: Self.lowercased)
        {
            return end
        }
        guard var end = base64.end(in: bytes, from: start, isQuotation, folding: Self.standard)
        else {
            return nil
        }
        while end < bytes.count, Self.isBase64(bytes[end]) { end += 1 }
        return end
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x46).contains(byte) ? byte | 0x20 : byte
    }

    /// Maps the URL alphabet to the standard one.
    private static func standard(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "-"): UInt8(ascii: "+")
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        default: byte
        }
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        isWordByte(byte) || "+/=-_".utf8.contains(byte)
    }
}

private func isWordByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}

/// Values by their bytes, so that all are searched for at once.
private struct Trie: Sendable {
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
    func end(
        in bytes: [UInt8], from start: Int, _ isQuotation: Bool, folding: (UInt8) -> UInt8
    ) -> Int? {
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
            for unit in Escape.units(bytes, at) {
                guard let known = next[Step(node: node, byte: folding(unit.byte))] else { continue }
                open.append((known, unit.end, depth + 1))
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
        return rest.count < 6
            && [UInt8(ascii: "%"), UInt8(ascii: "\\"), UInt8(ascii: "&")]
                .contains(bytes[at])
    }
}

/// Removes known values from text that may quote them: verbatim, in base64 of either alphabet, in
/// hexadecimal with or without separators, each with any escapes on top of it, and truncated. The
/// work is linear in the length of the text, and does not depend on the number of values.
///
/// A peer's text may quote what the peer was sent, or just its beginning. Any other text also
/// contains our own words, so only whole values are removed from it, and none that could be one of
/// our words.
///
/// A class, so that using it does not copy its tables.
public final class Scrubber: Sendable {
    /// Replaces each value.
    public static let mark = "[redacted]"
    /// How much of a truncated value must be present for it to be recognised.
    public static let shortestBeginning = 8
    /// Shorter values are removed only as separate words.
    fileprivate static let shortestInWords = 6
    fileprivate static let shortest = 4

    private let tries: Tries
    /// By byte, the encodings in which some value begins with it. Most positions of a text are
    /// skipped with this.
    private let starts: [Encodings]
    private let piecesOfNames: Set<UInt64>

    /// All values, in each of their encodings.
    fileprivate struct Tries {
        var plain = Trie()
        var base64 = Trie(folding: Scrubber.standard)
        var hexadecimal = Trie(allowsSeparators: true, folding: Scrubber.lowercased)
        var values: [[UInt8]] = []
    }

    /// - Parameters:
    ///   - sent: Values that peers know, and may quote.
    ///   - kept: Values that we have sent to no peer. A peer that knows one has it from elsewhere,
    ///     and writes all of it.
    ///   - names: Texts that are never removed. A value that is part of one is ignored.
    public init(
        _ sent: some Sequence<String> = [], kept: some Sequence<String> = [],
        sparing names: some Sequence<String> = []
    ) {
        let names = names.map { Array($0.utf8) }
        var pieces: Set<UInt64> = []
        for name in names { Self.forEachPiece(of: name) { pieces.insert($0) } }
        piecesOfNames = pieces
        var tries = Tries()
        for value in sent {
            let weakness = Self.weakness(of: value, names)
            guard weakness != .name else { continue }
            let bytes = Array(value.utf8)
            tries.add(
                bytes, isWeak: weakness != nil, name: Self.longestBeginning(of: bytes, in: names))
        }
        tries.plain.endOfSent()
        tries.base64.endOfSent()
        tries.hexadecimal.endOfSent()
        for value in kept where Self.weakness(of: value, names) == nil {
            tries.add(Array(value.utf8), isWeak: false)
        }
        starts = (UInt8.min...UInt8.max).map { tries.encodings(beginningWith: $0) }
        self.tries = tries
    }

    fileprivate struct Encodings: OptionSet, Sendable {
        let rawValue: UInt8
        static let plain = Encodings(rawValue: 1)
        static let hexadecimal = Encodings(rawValue: 2)
        static let base64 = Encodings(rawValue: 4)
    }

    public var isEmpty: Bool { tries.plain.isEmpty }

    /// Why a value cannot be removed everywhere: it is too short, or looks like ordinary text.
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

    /// The length of the longest beginning of `value` that occurs in one of the names.
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

    /// Text with words of our own.
    public func scrub(_ text: String) -> String { scrub(text, isQuotation: false) }

    /// Text that a peer wrote.
    public func scrub(quotation text: String) -> String { scrub(text, isQuotation: true) }

    public func scrub(quotation bytes: [UInt8]) -> [UInt8] {
        scrubbed(bytes, isQuotation: true) ?? bytes
    }

    private func scrub(_ text: String, isQuotation: Bool) -> String {
        if isEmpty || text.utf8.count < Self.shortest { return text }
        guard let clean = scrubbed(Array(text.utf8), isQuotation: isQuotation) else { return text }
        return String(decoding: clean, as: UTF8.self)
    }

    /// Whether `text` shares `shortestBeginning` consecutive bytes with any part of any value,
    /// unless they also occur in a name. For text that can be left out as a whole. Reads all
    /// values.
    public func quotes(_ text: String) -> Bool {
        var pieces: Set<UInt64> = []
        Self.forEachPiece(of: Array(text.utf8)) { piece in
            if !piecesOfNames.contains(piece) { pieces.insert(piece) }
        }
        if pieces.isEmpty { return false }
        return tries.values.contains { value in
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

    /// The ranges of values, in order, without overlaps, and never ending inside an escape: JSON is
    /// still JSON without them.
    ///
    /// - Parameter isQuotation: Whether a peer wrote all of it.
    public func places(in bytes: [UInt8], isQuotation: Bool = false) -> [Range<Int>] {
        guard !isEmpty, bytes.count >= Self.shortest else { return [] }
        var text = Escapes(bytes)
        var paths: [Trie.Path] = []
        var found: [Range<Int>] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\") { index = Self.skipRun(in: bytes, from: index) }
            guard let end = end(in: &text, from: index, isQuotation, &paths) else {
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

    /// Skips the front of a run of backslashes that is longer than all layers of escapes can make
    /// it: it escapes nothing, and no other text would be as expensive to read.
    private static func skipRun(in bytes: [UInt8], from index: Int) -> Int {
        // A run is measured once, where it begins.
        guard index == 0 || bytes[index - 1] != bytes[index] else { return index }
        let end = bytes[index...].firstIndex { $0 != UInt8(ascii: "\\") } ?? bytes.count
        return max(index, end - Self.longestRun)
    }
    /// Each layer of escapes doubles a run.
    private static let longestRun = 64

    /// Whether an odd number of backslashes precedes it.
    private static func isEscaped(_ index: Int, in bytes: [UInt8]) -> Bool {
        var first = index
        while first > 0, bytes[first - 1] == UInt8(ascii: "\\") { first -= 1 }
        return !(index - first).isMultiple(of: 2)
    }

    private func end(
        in text: inout Escapes, from start: Int, _ isQuotation: Bool, _ paths: inout [Trie.Path]
    ) -> Int? {
        let first = text.bytes[start]
        var encodings = starts[Int(first)]
        guard !encodings.isEmpty || Escapes.begins(first) else { return nil }
        text.prepare(from: start)
        if first == UInt8(ascii: "+") { encodings.formUnion(starts[0x20]) }
        text.forEachReading(at: start) { encodings.formUnion(starts[Int($0.byte)]) }
        if encodings.contains(.plain),
            let end = tries.plain.end(in: text, from: start, isQuotation: isQuotation, &paths)
        {
            return end
        }
        if encodings.contains(.hexadecimal),
            let end = tries.hexadecimal.end(in: text, from: start, isQuotation: isQuotation, &paths)
        {
            return end
        }
        guard encodings.contains(.base64),
            var end = tries.base64.end(in: text, from: start, isQuotation: isQuotation, &paths)
        else { return nil }
        while end < text.bytes.count, Self.isBase64(text.bytes[end]) { end += 1 }
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

extension Scrubber.Tries {
    /// - Parameter name: The number of bytes at its beginning that are also part of a name.
    mutating func add(_ value: [UInt8], isWeak: Bool, name: Int = 0) {
        guard value.count >= Scrubber.shortest else { return }
        values.append(value)
        let isInWords = value.count >= Scrubber.shortestInWords
        plain.insert(value, isWeak ? (isInWords ? .quoted : .quotedAlone) : .anywhere, name: name)
        guard isInWords else { return }
        let ending: Trie.Ending = isWeak ? .quoted : .anywhere
        hexadecimal.insert(
            value.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }, ending)
        // Two bytes in front of a value can change its base64; only what they do not affect is
        // stored.
        for lead in 0..<3 {
            let encoded = Base64.encode((Array(repeating: 0, count: lead) + value).span)
            let first = [0, 2, 3][lead]
            let last = (lead + value.count) * 4 / 3
            base64.insert(Array(encoded[first..<last]), ending)
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    func encodings(beginningWith byte: UInt8) -> Scrubber.Encodings {
        var encodings: Scrubber.Encodings = []
        if plain.begins(byte) { encodings.insert(.plain) }
        if hexadecimal.begins(byte) { encodings.insert(.hexadecimal) }
        if base64.begins(byte) { encodings.insert(.base64) }
        return encodings
    }
}

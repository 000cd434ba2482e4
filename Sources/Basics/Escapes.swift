/// A text as percent-encoding, JSON, C and HTML write it, in any order on top of each other:
/// `%5Cu0041` and `\u0025%34%31` are both an `A`.
///
/// For each byte, the character that begins there is computed with one layer of escapes undone,
/// with two, and so on. Each layer is computed once, from the last byte to the first, out of the
/// layer below it: the work is linear in the length of the text, whatever it contains.
struct Escapes {
    struct Reading: Equatable {
        var byte: UInt8
        var end: Int
    }

    /// A reading as it is stored: how long it is, whether the text ends inside it, and the byte.
    private struct Entry: Equatable {
        private let bits: UInt32

        init(_ byte: UInt8, length: Int, isCut: Bool = false) {
            bits = UInt32(truncatingIfNeeded: length) << 9 | (isCut ? 0x100 : 0) | UInt32(byte)
        }

        var byte: UInt8 { UInt8(truncatingIfNeeded: bits) }
        var isCut: Bool { bits & 0x100 != 0 }
        var length: Int { Int(bits >> 9) }
    }

    /// The number of layers of escapes that are undone.
    private static let mostLayers = 5
    /// Readings are stored for this many bytes at a time, and for `beyond` more, which a value may
    /// take that begins among the last of them: 64 characters of 256 bytes each, more than three
    /// layers of `\u0041` make of one.
    private static let block = 48 << 10
    private static let beyond = 16 << 10

    let bytes: [UInt8]
    /// The prepared range. If an escape begins in it, `entries` has an entry for each of its bytes
    /// with one layer undone, then one for each with two, up to the last layer that changes
    /// anything.
    private var window = 0..<0
    private var entries: [Entry] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether a byte may stand for another one; in a submitted form, a plus is a space.
    static func begins(_ byte: UInt8) -> Bool { isFirst(byte) || byte == UInt8(ascii: "+") }

    private static func isFirst(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "&")
    }

    /// Computes the readings from `start` on, where a value may begin. `start` must not decrease.
    mutating func prepare(from start: Int) {
        guard start >= window.upperBound || start - window.lowerBound >= Self.block else { return }
        window = start..<min(start + Self.block + Self.beyond, bytes.count)
        entries.removeAll(keepingCapacity: true)
        guard bytes[window].contains(where: Self.isFirst) else { return }
        var lower = bytes[window].map { Entry($0, length: 1) }
        for _ in 0..<Self.mostLayers {
            var layer = Layer(lower: lower, isLast: window.upperBound == bytes.count)
            guard layer.undo() else { break }
            entries += layer.upper
            lower = layer.upper
        }
    }

    /// Calls `body` with each reading of an escape at `at`, within the prepared range: with one
    /// layer undone, with two, and so on. The byte as it stands is not among them.
    @inline(__always)
    func forEachReading(at: Int, _ body: (Reading) -> Void) {
        guard at < window.upperBound, Self.isFirst(bytes[at]) else { return }
        var length = 1
        var place = at - window.lowerBound
        while place < entries.count {
            let entry = entries[place]
            // Another layer makes an escape longer, or changes nothing.
            if entry.length > length {
                length = entry.length
                body(Reading(byte: entry.byte, end: at + length))
            }
            guard Self.isFirst(entry.byte) else { return }
            place += window.count
        }
    }

    /// Whether the text ends inside an escape that begins at `at`.
    func isCut(at: Int) -> Bool {
        guard at < window.upperBound, !entries.isEmpty else { return false }
        return entries[entries.count - window.upperBound + at].isCut
    }

    /// One layer of escapes, undone.
    private struct Layer {
        /// The longest name of a character, and the most digits of its number, leading zeros
        /// included.
        private static let longestName = 8
        private static let mostDigits = 10

        /// The layer below, followed by an entry that marks its end.
        private let lower: [Entry]
        private(set) var upper: [Entry]
        /// Whether the text ended inside the escape at hand.
        private var isCut = false

        init(lower: [Entry], isLast: Bool) {
            self.lower = lower + [Entry(0, length: 0, isCut: isLast)]
            upper = lower
        }

        /// - Returns: Whether this changed anything.
        mutating func undo() -> Bool {
            var hasChanged = false
            var at = upper.count
            while at > 0 {
                at -= 1
                let entry = lower[at]
                guard Escapes.isFirst(entry.byte) else { continue }
                isCut = entry.isCut
                let first = Reading(byte: entry.byte, end: at + entry.length)
                let reading = undone(first) ?? first
                let new = Entry(reading.byte, length: reading.end - at, isCut: isCut)
                guard new != entry else { continue }
                upper[at] = new
                hasChanged = true
            }
            return hasChanged
        }

        /// The byte at `at`, as the layer below reads it; a zero at the end.
        @inline(__always)
        private mutating func read(_ at: Int) -> Reading {
            let entry = lower[at]
            isCut = isCut || entry.isCut
            return Reading(byte: entry.byte, end: at + entry.length)
        }

        /// The character for which an escape stands; its first byte has been read.
        private mutating func undone(_ first: Reading) -> Reading? {
            switch first.byte {
            case UInt8(ascii: "%"): percent(first.end)
            case UInt8(ascii: "\\"): backslash(first.end)
            default: entity(first.end)
            }
        }

        /// `%41`, and `%u0041` of old browsers.
        private mutating func percent(_ at: Int) -> Reading? {
            let first = read(at)
            if first.byte == UInt8(ascii: "u") { return number(first.end, digits: 4) }
            guard let high = Self.digit(first.byte, 16) else { return nil }
            let second = read(first.end)
            guard let low = Self.digit(second.byte, 16) else { return nil }
            return Reading(byte: UInt8(high << 4 | low), end: second.end)
        }

        private mutating func backslash(_ at: Int) -> Reading? {
            let letter = read(at)
            switch letter.byte {
            case UInt8(ascii: "\\"): return letter
            case UInt8(ascii: "u"):
                let brace = read(letter.end)
                return brace.byte == UInt8(ascii: "{")
                    ? number(brace.end, until: UInt8(ascii: "}"), radix: 16)
                    : number(letter.end, digits: 4)
            case UInt8(ascii: "U"): return number(letter.end, digits: 8)
            case UInt8(ascii: "x"): return number(letter.end, digits: 2)
            case UInt8(ascii: "0")...UInt8(ascii: "3"):
                return number(at, digits: 3, radix: 8) ?? letter
            case UInt8(ascii: "t"): return Reading(byte: 0x09, end: letter.end)
            default: return letter.end > at ? letter : nil
            }
        }

        private mutating func entity(_ at: Int) -> Reading? {
            var next = read(at)
            if next.byte == UInt8(ascii: "#") {
                let mark = read(next.end)
                // Browsers read one without its semicolon, too.
                return mark.byte | 0x20 == UInt8(ascii: "x")
                    ? number(mark.end, until: UInt8(ascii: ";"), radix: 16, needsLast: false)
                    : number(next.end, until: UInt8(ascii: ";"), radix: 10, needsLast: false)
            }
            var name: UInt64 = 0
            var length = 0
            while (0x61...0x7A).contains(next.byte), length < Self.longestName {
                name = name << 8 | UInt64(next.byte)
                length += 1
                next = read(next.end)
            }
            guard length > 1, next.byte == UInt8(ascii: ";") else { return nil }
            return Self.names[name].map { Reading(byte: $0, end: next.end) }
        }

        /// Characters by name; the letters of a name are packed into an integer.
        private static let names: [UInt64: UInt8] = Dictionary(
            uniqueKeysWithValues: [
                ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("sol", "/"),
                ("plus", "+"), ("equals", "="), ("lowbar", "_"), ("percnt", "%"), ("period", "."),
                ("colon", ":"), ("bsol", "\\"), ("commat", "@"), ("dollar", "$"), ("excl", "!"),
            ].map { ($0.utf8.reduce(0) { $0 << 8 | UInt64($1) }, Array($1.utf8)[0]) })

        private mutating func number(_ at: Int, digits: Int, radix: Int = 16) -> Reading? {
            var value = 0
            var end = at
            for _ in 0..<digits {
                let next = read(end)
                guard let digit = Self.digit(next.byte, radix) else { return nil }
                value = value * radix + digit
                end = next.end
            }
            return UInt8(exactly: value).map { Reading(byte: $0, end: end) }
        }

        private mutating func number(
            _ at: Int, until last: UInt8, radix: Int, needsLast: Bool = true
        ) -> Reading? {
            var value = 0
            var end = at
            for count in 0...Self.mostDigits {
                let next = read(end)
                if next.byte == last, count > 0 {
                    return UInt8(exactly: value).map { Reading(byte: $0, end: next.end) }
                }
                guard let digit = Self.digit(next.byte, radix) else {
                    guard !needsLast, count > 0, !isEscaped(last, next) else { return nil }
                    return UInt8(exactly: value).map { Reading(byte: $0, end: end) }
                }
                value = value * radix + digit
                end = next.end
            }
            return nil
        }

        /// Whether the layer above reads `byte` there.
        private mutating func isEscaped(_ byte: UInt8, _ first: Reading) -> Bool {
            switch first.byte {
            case UInt8(ascii: "%"): percent(first.end)?.byte == byte
            case UInt8(ascii: "\\"): backslash(first.end)?.byte == byte
            default: false
            }
        }

        private static func digit(_ byte: UInt8, _ radix: Int) -> Int? {
            let value: Int
            switch byte {
            case 0x30...0x39: value = Int(byte - 0x30)
            case 0x41...0x46: value = Int(byte - 0x37)
            case 0x61...0x66: value = Int(byte - 0x57)
            default: return nil
            }
            return value < radix ? value : nil
        }
    }
}

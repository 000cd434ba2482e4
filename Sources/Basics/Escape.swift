/// A byte as percent-encoding, JSON, C and HTML write it, in any order on top of each other: `%5Cu0041`
/// and `\u0025%34%31` are both an `A`.
struct Escape {
    struct Reading: Equatable {
        var byte: UInt8
        var end: Int
    }

    /// How often a text may have been escaped as a whole.
    private static let mostLayers = 5
    /// Bytes that are read for one: without a limit, a text of nothing but escapes would be read again
    /// from each of its bytes. A byte that was escaped so often, and no more, takes fewer.
    private static let mostSteps = 400
    /// Longer than any name of a character, and any number of one.
    private static let longestName = 10

    private let bytes: [UInt8]
    private var steps = 0
    /// The text ended inside an escape.
    private var hasEnded = false

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func begins(_ byte: UInt8) -> Bool {
        isFirst(byte) || byte == UInt8(ascii: "+")
    }

    private static func isFirst(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "&")
    }

    /// How the byte at `at` can be read, besides as it stands: with one layer of escapes undone, with
    /// two, and so on.
    static func readings(_ bytes: [UInt8], _ at: Int) -> [Reading] {
        guard begins(bytes[at]) else { return [] }
        if bytes[at] == UInt8(ascii: "+") { return [Reading(byte: 0x20, end: at + 1)] }
        var escape = Escape(bytes)
        var found: [Reading] = []
        var reading = Reading(byte: bytes[at], end: at + 1)
        for layer in 0..<mostLayers where isFirst(reading.byte) {
            guard let next = escape.undone(reading, layer) else { continue }
            reading = next
            found.append(reading)
        }
        return found
    }

    /// Whether the text ends inside an escape that begins at `at`.
    static func isCut(_ bytes: [UInt8], _ at: Int) -> Bool {
        guard isFirst(bytes[at]) else { return false }
        var escape = Escape(bytes)
        _ = escape.read(at, mostLayers)
        return escape.hasEnded
    }

    /// The byte at `at` with so many layers undone.
    private mutating func read(_ at: Int, _ layers: Int) -> Reading? {
        steps += 1
        guard at < bytes.count, steps < Self.mostSteps else {
            hasEnded = hasEnded || at >= bytes.count
            return nil
        }
        var reading = Reading(byte: bytes[at], end: at + 1)
        for layer in 0..<layers where Self.isFirst(reading.byte) {
            reading = undone(reading, layer) ?? reading
        }
        return reading
    }

    /// What an escape stands for whose first byte has been read, with so many layers undone.
    private mutating func undone(_ first: Reading, _ layer: Int) -> Reading? {
        switch first.byte {
        case UInt8(ascii: "%"): percent(first.end, layer)
        case UInt8(ascii: "\\"): backslash(first.end, layer)
        default: entity(first.end, layer)
        }
    }

    /// `%41`, and `%u0041` of old browsers.
    private mutating func percent(_ at: Int, _ layer: Int) -> Reading? {
        guard let first = read(at, layer) else { return nil }
        if first.byte == UInt8(ascii: "u") { return number(first.end, layer, digits: 4) }
        guard let high = Self.digit(first.byte, 16), let second = read(first.end, layer),
            let low = Self.digit(second.byte, 16)
        else { return nil }
        return Reading(byte: UInt8(high << 4 | low), end: second.end)
    }

    private mutating func backslash(_ at: Int, _ layer: Int) -> Reading? {
        guard let letter = read(at, layer) else { return nil }
        switch letter.byte {
        case UInt8(ascii: "u"):
            guard let brace = read(letter.end, layer), brace.byte == UInt8(ascii: "{") else {
                return number(letter.end, layer, digits: 4)
            }
            return number(brace.end, layer, until: UInt8(ascii: "}"), radix: 16)
        case UInt8(ascii: "U"): return number(letter.end, layer, digits: 8)
        case UInt8(ascii: "x"): return number(letter.end, layer, digits: 2)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            return number(at, layer, digits: 3, radix: 8) ?? letter
        case UInt8(ascii: "t"): return Reading(byte: 0x09, end: letter.end)
        default: return letter
        }
    }

    private mutating func entity(_ at: Int, _ layer: Int) -> Reading? {
        guard var next = read(at, layer) else { return nil }
        if next.byte == UInt8(ascii: "#") {
            guard let mark = read(next.end, layer) else { return nil }
            return mark.byte | 0x20 == UInt8(ascii: "x")
                ? number(mark.end, layer, until: UInt8(ascii: ";"), radix: 16)
                : number(next.end, layer, until: UInt8(ascii: ";"), radix: 10)
        }
        var name: [UInt8] = []
        while (0x61...0x7A).contains(next.byte), name.count < Self.longestName {
            name.append(next.byte)
            guard let further = read(next.end, layer) else { return nil }
            next = further
        }
        guard next.byte == UInt8(ascii: ";") else { return nil }
        return Self.names[name].map { Reading(byte: $0, end: next.end) }
    }

    private static let names: [[UInt8]: UInt8] = Dictionary(
        uniqueKeysWithValues: [
            ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("sol", "/"),
            ("plus", "+"), ("equals", "="), ("lowbar", "_"), ("percnt", "%"), ("period", "."),
            ("colon", ":"), ("bsol", "\\"), ("commat", "@"), ("dollar", "$"), ("excl", "!"),
        ].map { (Array($0.utf8), Array($1.utf8)[0]) })

    private mutating func number(
        _ at: Int, _ layer: Int, digits: Int, radix: Int = 16
    ) -> Reading? {
        var value = 0
        var end = at
        for _ in 0..<digits {
            guard let digit = read(end, layer), let one = Self.digit(digit.byte, radix) else {
                return nil
            }
            value = value * radix + one
            end = digit.end
        }
        return UInt8(exactly: value).map { Reading(byte: $0, end: end) }
    }

    private mutating func number(
        _ at: Int, _ layer: Int, until last: UInt8, radix: Int
    ) -> Reading? {
        var value = 0
        var end = at
        for count in 0...Self.longestName {
            guard let next = read(end, layer) else { return nil }
            if next.byte == last, count > 0 {
                return UInt8(exactly: value).map { Reading(byte: $0, end: next.end) }
            }
            guard let one = Self.digit(next.byte, radix) else { return nil }
            value = value * radix + one
            end = next.end
        }
        return nil
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

import Basics

/// A position in a JSON text that is read strictly forward. It checks the grammar of RFC 8259 as it
/// goes, builds nothing, and blames the first byte that cannot be read. It does not check that
/// strings are valid UTF-8: the WebSocket codec has done so for text messages.
///
/// The bytes are passed with every call, so that a cursor is two words and may be stored next to
/// them.
struct JSONCursor: Sendable {
    var at = 0

    /// Maximum nesting. 100 is the limit of protobuf's own JSON parsers (`recursion_limit`), so the
    /// service could not read anything deeper.
    static let deepest = 100

    /// A string's position, without quotes.
    struct Text {
        var range: ByteRange
        var isEscaped: Bool
    }

    /// How far the cursor is in a list. A lone object counts as a list of one: some proto3 parsers
    /// accept that, and one that does not will refuse the message anyway.
    enum List { case end, array, lone }

    @inline(__always)
    func peek(_ bytes: Span<UInt8>) -> UInt8 { at < bytes.count ? bytes[at] : 0 }

    func blame(_ bytes: Span<UInt8>) -> Malformed {
        Malformed(at >= bytes.count ? .truncated : .syntax, at: min(at, bytes.count))
    }

    /// Skips white space and returns the next byte, 0 at the end.
    @inline(__always)
    mutating func next(_ bytes: Span<UInt8>) -> UInt8 {
        let byte = peek(bytes)
        if byte > 0x20 { return byte }
        if byte == 0x20 {
            // Python's writer puts one blank after each colon and comma.
            at &+= 1
            let second = peek(bytes)
            if second > 0x20 { return second }
        }
        return nextAfterBlanks(bytes)
    }

    /// The same, for the indentation of pretty-printed JSON.
    @inline(never)
    private mutating func nextAfterBlanks(_ bytes: Span<UInt8>) -> UInt8 {
        while true {
            let byte = peek(bytes)
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            at &+= 1
            while bytes.count >= 8, at <= bytes.count &- 8 {
                let others = Bytes.word(bytes, at: at) ^ 0x2020_2020_2020_2020
                at &+= others.trailingZeroBitCount &>> 3
                if others != 0 { break }
            }
        }
    }
}

// MARK: - The document

extension JSONCursor {
    /// To the first byte inside the top-level object.
    mutating func open(_ bytes: Span<UInt8>) throws(Malformed) {
        guard next(bytes) == UInt8(ascii: "{") else {
            throw Malformed(at == bytes.count ? .empty : .notAnObject, at: at)
        }
        at += 1
    }

    /// Nothing but white space may follow the top-level object.
    mutating func close(_ bytes: Span<UInt8>) throws(Malformed) {
        _ = next(bytes)
        if at < bytes.count { throw Malformed(.trailingBytes, at: at) }
    }
}

// MARK: - Objects and lists

extension JSONCursor {
    /// The first key of an object whose `{` has just been passed, nil if there is none; leaves the
    /// cursor at the key's value.
    @inline(__always)
    mutating func firstKey(_ bytes: Span<UInt8>) throws(Malformed) -> Key? {
        let byte = next(bytes)
        if byte == UInt8(ascii: "\"") { return try key(bytes) }
        guard byte == UInt8(ascii: "}") else { throw blame(bytes) }
        at &+= 1
        return nil
    }

    /// The next key after a value, nil at the end of the object.
    @inline(__always)
    mutating func nextKey(_ bytes: Span<UInt8>) throws(Malformed) -> Key? {
        let byte = next(bytes)
        at &+= 1
        if byte == UInt8(ascii: ",") {
            guard next(bytes) == UInt8(ascii: "\"") else { throw blame(bytes) }
            return try key(bytes)
        }
        guard byte == UInt8(ascii: "}") else {
            at &-= 1
            throw blame(bytes)
        }
        return nil
    }

    /// At a quote: the key, past its colon.
    @inline(never)
    private mutating func key(_ bytes: Span<UInt8>) throws(Malformed) -> Key {
        let start = at &+ 1
        let end = Bytes.endOfText(in: bytes, from: start)
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else {
            return try escapedKey(bytes)
        }
        at = end &+ 1
        guard next(bytes) == UInt8(ascii: ":") else { throw blame(bytes) }
        at &+= 1
        if end &- start > Names.longest { return .unknown }
        return Names.key(Bytes.words(bytes, from: start, to: end))
    }

    private mutating func escapedKey(_ bytes: Span<UInt8>) throws(Malformed) -> Key {
        JSONText.name(bytes, try keyText(bytes).range)
    }

    /// Enters the next object. Any other value is skipped and false returned: null means absent in
    /// proto3 JSON, other values are not objects.
    @inline(__always)
    mutating func enter(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> Bool {
        if next(bytes) == UInt8(ascii: "{") {
            at &+= 1
            return true
        }
        try skip(bytes, depth: depth)
        return false
    }

    /// Reads the next object member by member: `body` is called at each value and must read it. Any
    /// other value is skipped and false returned.
    mutating func members(
        _ bytes: Span<UInt8>, depth: Int,
        _ body: (inout JSONCursor, Name) throws(Malformed) -> Void
    ) throws(Malformed) -> Bool {
        guard try enter(bytes, depth: depth) else { return false }
        var key = try firstKey(bytes)
        while let member = key {
            try body(&self, member.name)
            key = try nextKey(bytes)
        }
        return true
    }

    /// Reads the next list element by element, likewise.
    mutating func elements(
        _ bytes: Span<UInt8>, depth: Int, _ body: (inout JSONCursor) throws(Malformed) -> Void
    ) throws(Malformed) {
        var list = try enterList(bytes, depth: depth)
        while list != .end {
            try body(&self)
            list = try advance(list, bytes)
        }
    }

    /// Enters the next list and stops at its first element. Any other value is skipped.
    mutating func enterList(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> List {
        switch next(bytes) {
        case UInt8(ascii: "["):
            at += 1
            guard next(bytes) == UInt8(ascii: "]") else { return .array }
            at += 1
            return .end
        case UInt8(ascii: "{"):
            return .lone
        default:
            try skip(bytes, depth: depth)
            return .end
        }
    }

    /// To the next element, after one has been read.
    mutating func advance(_ list: List, _ bytes: Span<UInt8>) throws(Malformed) -> List {
        if list != .array { return .end }
        switch next(bytes) {
        case UInt8(ascii: ","):
            at += 1
            return .array
        case UInt8(ascii: "]"):
            at += 1
            return .end
        default:
            throw blame(bytes)
        }
    }

    /// Skips a list and counts its elements.
    mutating func countElements(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> Int32 {
        var count: Int32 = 0
        var list = try enterList(bytes, depth: depth)
        while list != .end {
            try skip(bytes, depth: depth + 1)
            count &+= 1
            list = try advance(list, bytes)
        }
        return count
    }
}

// MARK: - Values

extension JSONCursor {
    /// At a quote: the string, past its closing quote.
    @inline(__always)
    mutating func text(_ bytes: Span<UInt8>) throws(Malformed) -> Text {
        let start = at &+ 1
        let end = Bytes.endOfText(in: bytes, from: start)
        if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            at = end &+ 1
            return Text(range: ByteRange(start, end), isEscaped: false)
        }
        return try escapedText(bytes, from: start, to: end)
    }

    /// The same, from the first byte that is not plain text.
    private mutating func escapedText(
        _ bytes: Span<UInt8>, from start: Int, to interruption: Int
    ) throws(Malformed) -> Text {
        at = interruption
        while at < bytes.count, bytes[at] == UInt8(ascii: "\\") {
            try escape(bytes)
            at = Bytes.endOfText(in: bytes, from: at)
        }
        guard at < bytes.count else { throw Malformed(.truncated, at: bytes.count) }
        guard bytes[at] == UInt8(ascii: "\"") else { throw Malformed(.badString, at: at) }
        at += 1
        return Text(range: ByteRange(start, at - 1), isEscaped: true)
    }

    /// At a backslash: past the escape.
    private mutating func escape(_ bytes: Span<UInt8>) throws(Malformed) {
        at += 1
        switch peek(bytes) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        case UInt8(ascii: "u"):
            at += 1
            for _ in 0..<4 {
                guard JSONText.hexValue(peek(bytes)) != nil else { throw badString(bytes) }
                at += 1
            }
        default:
            throw badString(bytes)
        }
    }

    private func badString(_ bytes: Span<UInt8>) -> Malformed {
        Malformed(at >= bytes.count ? .truncated : .badString, at: at)
    }

    /// A string, or nil for any other value, which is skipped.
    @inline(__always)
    mutating func string(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> Text? {
        if next(bytes) == UInt8(ascii: "\"") { return try text(bytes) }
        try skip(bytes, depth: depth)
        return nil
    }

    /// Skips any value and returns its position, empty for null.
    mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> ByteRange {
        let isNull = next(bytes) == UInt8(ascii: "n")
        let start = at
        try skip(bytes, depth: depth)
        return isNull ? .none : ByteRange(start, at)
    }

    /// A boolean, or nil for any other value, which is skipped.
    mutating func bool(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> Bool? {
        let byte = next(bytes)
        try skip(bytes, depth: depth)
        if byte == UInt8(ascii: "t") { return true }
        return byte == UInt8(ascii: "f") ? false : nil
    }

    /// Skips a value and returns whether it was null.
    mutating func isNull(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> Bool {
        let byte = next(bytes)
        try skip(bytes, depth: depth)
        return byte == UInt8(ascii: "n")
    }

    /// An integer, bare or in quotes as proto3 JSON prints 64-bit ones; nil for any other value,
    /// which is skipped.
    mutating func integer(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> Int64? {
        let quoted = next(bytes) == UInt8(ascii: "\"")
        if let plain = plainInteger(bytes) { return plain }
        let start = at
        try skip(bytes, depth: depth)
        return quoted
            ? JSONText.integer(bytes, start + 1..<at - 1) : JSONText.integer(bytes, start..<at)
    }

    /// Up to 18 digits without a sign, a fraction or an exponent, as nearly every integer; nil for
    /// anything else, which stays, and so does what no number may be followed by.
    @inline(__always)
    private mutating func plainInteger(_ bytes: Span<UInt8>) -> Int64? {
        var (end, value) = (at, Int64(0))
        while end < bytes.count, case let digit = bytes[end] &- 0x30, digit < 10 {
            value = value &* 10 &+ Int64(digit)
            end &+= 1
        }
        let hasLeadingZero = peek(bytes) == 0x30 && end &- at > 1
        guard end > at, end &- at <= 18, !hasLeadingZero, end < bytes.count,
            case let after = bytes[end] | 0x20, after != UInt8(ascii: "."),
            after != UInt8(ascii: "e"), after != UInt8(ascii: "+"), after != UInt8(ascii: "-")
        else { return nil }
        at = end
        return value
    }

    /// Skips any value. `depth` is the number of containers open around it.
    @inline(never)
    mutating func skip(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) {
        switch next(bytes) {
        case UInt8(ascii: "\""): _ = try text(bytes)
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer(bytes, depth: depth)
        default: try skipScalar(bytes)
        }
    }

    /// At an opening bracket: skips to its closing one. The kinds of open containers are kept in
    /// bits, so that nesting uses neither stack nor heap.
    private mutating func skipContainer(
        _ bytes: Span<UInt8>, depth: Int
    ) throws(Malformed) {
        var open: UInt128 = 0  // One bit per container, the innermost lowest; 1 is an object.
        var level = 0
        while true {
            // At a value.
            let byte = next(bytes)
            let isObject = byte == UInt8(ascii: "{")
            if isObject || byte == UInt8(ascii: "[") {
                guard depth + level < Self.deepest else { throw Malformed(.tooDeep, at: at) }
                open = open << 1 | (isObject ? 1 : 0)
                level += 1
                at += 1
                // The brackets of a pair are two apart in ASCII.
                if next(bytes) != byte + 2 {
                    if isObject { _ = try keyText(bytes) }
                    continue
                }
            } else if byte == UInt8(ascii: "\"") {
                _ = try text(bytes)
            } else {
                try skipScalar(bytes)
            }
            // Past a value, or at the bracket that closes an empty container.
            while true {
                let isObject = open & 1 == 1
                let byte = next(bytes)
                if byte == UInt8(ascii: ",") {
                    at += 1
                    if isObject { _ = try keyText(bytes) }
                    break
                }
                guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw blame(bytes)
                }
                at += 1
                open >>= 1
                level -= 1
                if level == 0 { return }
            }
        }
    }

    /// The next key, as spelled, past its colon.
    @inline(__always)
    mutating func keyText(_ bytes: Span<UInt8>) throws(Malformed) -> Text {
        guard next(bytes) == UInt8(ascii: "\"") else { throw blame(bytes) }
        let text = try text(bytes)
        guard next(bytes) == UInt8(ascii: ":") else { throw blame(bytes) }
        at &+= 1
        return text
    }
}

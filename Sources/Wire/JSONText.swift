public import Basics

/// Text inside a JSON string.
public enum JSONText {
    /// Whether a value that begins with this byte is a string, or may contain one.
    @inline(__always)
    static func mayHaveWords(from byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
    }

    /// The text in a range of a message, without quotes: escapes resolved, broken UTF-8 and lone
    /// surrogates replaced by U+FFFD, at most `limit` bytes of UTF-8, truncated at a character.
    public static func unescape(
        _ bytes: Span<UInt8>, _ range: ByteRange, limit: Int = 65_536
    ) -> String {
        // In bytes: a string takes three hundred instructions for each scalar that is appended.
        var text: [UInt8] = []
        text.reserveCapacity(min(max(0, range.count), limit))
        var reader = Unescaper(range, in: bytes)
        while let scalar = reader.next(bytes), text.count + UTF8.width(scalar) <= limit {
            if scalar.isASCII {
                text.append(UInt8(scalar.value))
            } else {
                text.append(contentsOf: scalar.utf8)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether the text of a range is exactly `text`.
    public static func equals(_ bytes: Span<UInt8>, _ range: ByteRange, _ text: String) -> Bool {
        var reader = Unescaper(range, in: bytes)
        for expected in text.unicodeScalars where reader.next(bytes) != expected { return false }
        return reader.next(bytes) == nil
    }

    /// `text` as a JSON string, with quotes, appended to `output`.
    public static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var rest = text.utf8[...]
        // Text without escapes, which is the usual case, is copied in runs.
        while let place = rest.firstIndex(where: needsEscape) {
            output.append(contentsOf: rest[..<place])
            escape(rest[place], to: &output)
            rest = rest[rest.index(after: place)...]
        }
        output.append(contentsOf: rest)
        output.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            output.append(UInt8(ascii: "\\"))
            output.append(byte)
        case UInt8(ascii: "\n"): output.append(contentsOf: "\\n".utf8)
        case UInt8(ascii: "\r"): output.append(contentsOf: "\\r".utf8)
        case UInt8(ascii: "\t"): output.append(contentsOf: "\\t".utf8)
        default:
            output.append(contentsOf: "\\u00".utf8)
            output.append(hexDigit(byte >> 4))
            output.append(hexDigit(byte & 15))
        }
    }
}

extension JSONText {
    static func hexValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 0x30
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte) - 0x57
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte) - 0x37
        default: nil
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }

    /// The known name that a key with escapes spells.
    static func name(_ bytes: Span<UInt8>, _ range: ByteRange) -> Key {
        var letters = InlineArray<40, UInt8>(repeating: 0)
        var count = 0
        var reader = Unescaper(range, in: bytes)
        while let scalar = reader.next(bytes) {
            guard scalar.isASCII, count < Names.longest else { return .unknown }
            letters[count] = UInt8(scalar.value)
            count += 1
        }
        return Names.key(Bytes.words(letters.span, from: 0, to: count))
    }

    /// The value of a JSON number that is an integer and fits, else nil. `40.0` is an integer;
    /// exponents are not read, because no writer of proto3 JSON prints integers that way.
    static func integer(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        var at = range.lowerBound
        let end = min(range.upperBound, bytes.count)
        guard at >= 0, at < end else { return nil }
        let isNegative = bytes[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var value: Int64 = 0
        let start = at
        while at < end, case let digit = bytes[at] &- 0x30, digit < 10 {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.subtractingReportingOverflow(Int64(digit))
            if overflow || carry { return nil }
            value = sum
            at += 1
        }
        if at == start { return nil }
        if at < end, bytes[at] == UInt8(ascii: ".") {
            at += 1
            while at < end, bytes[at] == UInt8(ascii: "0") { at += 1 }
        }
        if at < end { return nil }
        // Summed as negative numbers, whose range is one larger.
        if isNegative { return value }
        return value == .min ? nil : -value
    }
}

/// Reads the text of a JSON string scalar by scalar.
struct Unescaper {
    private var at: Int
    private let end: Int

    init(_ range: ByteRange, in bytes: Span<UInt8>) {
        end = min(Int(range.upper), bytes.count)
        at = min(max(Int(range.lower), 0), max(end, 0))
    }

    mutating func next(_ bytes: Span<UInt8>) -> Unicode.Scalar? {
        guard at < end else { return nil }
        let byte = bytes[at]
        if byte == UInt8(ascii: "\\") { return escape(bytes) }
        at += 1
        if byte < 0x80 { return Unicode.Scalar(byte) }
        return scalar(after: byte, bytes)
    }

    private mutating func escape(_ bytes: Span<UInt8>) -> Unicode.Scalar {
        at += 1
        guard at < end else { return Self.broken }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: return Unicode.Scalar(byte)
        }
        guard let first = codeUnit(bytes) else { return Self.broken }
        guard 0xD800..<0xDC00 ~= first else { return Unicode.Scalar(first) ?? Self.broken }
        // A high surrogate is a character only with its low one.
        let afterFirst = at
        if at + 1 < end, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") {
            at += 2
            if let second = codeUnit(bytes), 0xDC00..<0xE000 ~= second {
                let value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
                return Unicode.Scalar(value) ?? Self.broken
            }
        }
        at = afterFirst
        return Self.broken
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit(_ bytes: Span<UInt8>) -> UInt32? {
        guard end - at >= 4 else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = JSONText.hexValue(bytes[at]) else { return nil }
            value = value << 4 | digit
            at += 1
        }
        return value
    }

    /// The rest of a UTF-8 sequence; of a broken one only the first byte is consumed.
    private mutating func scalar(after first: UInt8, _ bytes: Span<UInt8>) -> Unicode.Scalar {
        let (length, least): (Int, UInt32)
        var value: UInt32
        switch first {
        case 0xC2...0xDF: (length, least, value) = (1, 0x80, UInt32(first & 0x1F))
        case 0xE0...0xEF: (length, least, value) = (2, 0x800, UInt32(first & 0x0F))
        case 0xF0...0xF4: (length, least, value) = (3, 0x10000, UInt32(first & 0x07))
        default: return Self.broken
        }
        guard end - at >= length else { return Self.broken }
        for place in 0..<length {
            let byte = bytes[at + place]
            guard byte & 0xC0 == 0x80 else { return Self.broken }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        guard value >= least, let scalar = Unicode.Scalar(value) else { return Self.broken }
        at += length
        return scalar
    }

    private static let broken: Unicode.Scalar = "\u{FFFD}"
}

extension JSONText {
    /// A `Duration` as proto3 JSON prints it (`"50s"`, `"0.440s"`); nil for anything else, for
    /// negative ones, and for those that do not fit 64 bits of nanoseconds.
    static func duration(_ bytes: Span<UInt8>, _ range: ByteRange) -> Interval? {
        let billion: Int64 = 1_000_000_000
        var end = Int(range.upper)
        guard range.count >= 2, end <= bytes.count, bytes[end - 1] == UInt8(ascii: "s") else {
            return nil
        }
        end -= 1
        var point = Int(range.lower)
        while point < end, bytes[point] != UInt8(ascii: ".") { point += 1 }
        guard bytes[Int(range.lower)] != UInt8(ascii: "-"),
            let seconds = integer(bytes, Int(range.lower)..<point),
            seconds < Int64.max / billion - 1
        else { return nil }
        var nanoseconds: Int64 = 0
        var unit = billion
        for at in min(point + 1, end)..<end {
            let digit = bytes[at] &- 0x30
            guard digit < 10, unit > 1 else { return nil }
            unit /= 10
            nanoseconds += Int64(digit) * unit
        }
        return Interval(nanoseconds: seconds * billion + nanoseconds)
    }
}

extension JSONText {
    /// `text` as a JSON string, with quotes.
    static func quoted(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        append(text, to: &output)
        return output
    }
}

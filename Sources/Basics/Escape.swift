/// Bytes as percent-encoding, JSON and HTML write them.
enum Escape {
    /// More levels of nested escapes than any repeated quoting produces. Without a limit, a text of
    /// nothing but escapes would be scanned again from each of its bytes.
    private static let mostLayers = 8
    private static let mostBackslashes = 15

    static func begins(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "&")
            || byte == UInt8(ascii: "+")
    }

    static func units(_ bytes: [UInt8], _ at: Int) -> [(byte: UInt8, end: Int)] {
        switch bytes[at] {
        case UInt8(ascii: "%"): percent(bytes, at)
        case UInt8(ascii: "\\"): backslash(bytes, at)
        case UInt8(ascii: "&"): entity(bytes, at)
        case UInt8(ascii: "+"): [(0x20, at + 1)]
        default: []
        }
    }

    private static func percent(_ bytes: [UInt8], _ at: Int) -> [(byte: UInt8, end: Int)] {
        var start = at + 1
        // Encoded again on the way, possibly more than once.
        let last = start + 2 * mostLayers
        while start < last, bytes[start...].starts(with: "25".utf8) { start += 2 }
        guard let value = number(bytes, start, digits: 2) else { return [] }
        return [(value, start + 2)]
    }

    private static func backslash(_ bytes: [UInt8], _ at: Int) -> [(byte: UInt8, end: Int)] {
        var at = at
        let last = at + mostBackslashes
        // Quoted JSON within JSON.
        while at < last, at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "\\"),
            at + 2 < bytes.count,
            bytes[at + 2] == UInt8(ascii: "\\") || bytes[at + 2] == UInt8(ascii: "u")
                || bytes[at + 2] == UInt8(ascii: "\"") || bytes[at + 2] == UInt8(ascii: "/")
        { at += 1 }
        guard at + 1 < bytes.count else { return [] }
        switch bytes[at + 1] {
        case UInt8(ascii: "u"):
            guard bytes[(at + 2)...].starts(with: "00".utf8),
                let value = number(bytes, at + 4, digits: 2)
            else { return [] }
            return [(value, at + 6)]
        case UInt8(ascii: "x"):
            return number(bytes, at + 2, digits: 2).map { [($0, at + 4)] } ?? []
        case UInt8(ascii: "t"): return [(0x09, at + 2)]
        default: return [(bytes[at + 1], at + 2)]
        }
    }

    private static func entity(_ bytes: [UInt8], _ at: Int) -> [(byte: UInt8, end: Int)] {
        let rest = bytes[(at + 1)...]
        for (name, byte) in [
            ("amp;", "&"), ("lt;", "<"), ("gt;", ">"), ("quot;", "\""), ("apos;", "'"),
        ] where rest.starts(with: name.utf8) {
            return [(byte.utf8.first ?? 0, at + 1 + name.utf8.count)]
        }
        guard rest.first == UInt8(ascii: "#"),
            let end = rest.prefix(9).firstIndex(of: UInt8(ascii: ";"))
        else { return [] }
        let digits = String(decoding: bytes[(at + 2)..<end], as: UTF8.self)
        let isHex = digits.first == "x" || digits.first == "X"
        let value = isHex ? UInt8(digits.dropFirst(), radix: 16) : UInt8(digits)
        return value.map { [($0, end + 1)] } ?? []
    }

    private static func number(_ bytes: [UInt8], _ at: Int, digits: Int) -> UInt8? {
        guard at + digits <= bytes.count else { return nil }
        return UInt8(String(decoding: bytes[at..<(at + digits)], as: UTF8.self), radix: 16)
    }
}

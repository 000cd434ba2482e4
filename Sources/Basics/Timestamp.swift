extension WallTime {
    /// RFC 3339 as in JSON APIs: `2026-11-21T04:05:06Z`, with any fraction of a second and any
    /// offset (`2026-11-21T05:05:06.789012+01:00`); nil for anything else, and for times before
    /// 1970.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40, bytes[10] | 0x20 == UInt8(ascii: "t"),
            let base = WallTime(
                String(decoding: bytes[..<10], as: UTF8.self) + "T"
                    + String(decoding: bytes[11..<19], as: UTF8.self))
        else { return nil }
        var rest = bytes[19...]
        var fraction: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            var unit: Int64 = 100_000_000
            for digit in digits {
                fraction += Int64(digit - 0x30) * unit
                unit /= 10
            }
            rest = rest[digits.endIndex...]
        }
        guard let offset = Self.offset(Array(rest)) else { return nil }
        nanoseconds = base.nanoseconds + fraction - offset * 1_000_000_000
    }

    /// Seconds east of UTC.
    private static func offset(_ text: [UInt8]) -> Int64? {
        if text.count == 1 { return text[0] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
        guard text.count == 6, text[3] == UInt8(ascii: ":"),
            text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-")
        else { return nil }
        let digits = [text[1], text[2], text[4], text[5]].map { Int64($0) - 0x30 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours < 24, minutes < 60 else { return nil }
        return (hours * 3600 + minutes * 60) * (text[0] == UInt8(ascii: "-") ? -1 : 1)
    }
}

import Basics

/// A `Blob` (`{mimeType, data}`) as a scanner sees it.
struct Blob {
    /// There is an object.
    var isPresent = false
    var isAudio = false
    /// `rate=` of the MIME type, 0 if absent.
    var rate: Int32 = 0
    /// Base64, without quotes.
    var data = ByteRange.none
    var decodedCount: Int32 = 0
    var isAmbiguous = false
    /// It has more than data and a type.
    var isRemarked = false

    /// Reads the value at the cursor; its members may come in either order.
    @inline(never)
    static func read(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, depth: Int
    ) throws(Malformed) -> Blob {
        var blob = Blob()
        guard try cursor.enter(bytes, depth: depth) else { return blob }
        blob.isPresent = true
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { blob.isAmbiguous = true }
            switch member.name {
            case .data:
                if let text = try cursor.string(bytes, depth: depth + 1) {
                    blob.data = text.range
                    blob.decodedCount =
                        text.isEscaped
                        ? decodedCountOfEscaped(bytes, text.range)
                        : decodedCount(bytes, text.range)
                }
            case .mimeType:
                if let text = try cursor.string(bytes, depth: depth + 1) {
                    blob.readType(bytes, text)
                }
            default:
                blob.isRemarked = true
                try cursor.skip(bytes, depth: depth + 1)
            }
            key = try cursor.nextKey(bytes)
        }
        return blob
    }

    /// For base64 without escapes.
    @inline(__always)
    static func decodedCount(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int32 {
        let end = Int(range.upper)
        var padding = 0
        if range.count >= 2 {
            if bytes[end &- 1] == UInt8(ascii: "=") { padding = 1 }
            if bytes[end &- 2] == UInt8(ascii: "=") { padding &+= 1 }
        }
        return Int32(truncatingIfNeeded: Base64.decodedCount(range.count, padding: padding))
    }

    /// Some writers escape the slash (Foundation) or the padding (Gson).
    private static func decodedCountOfEscaped(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int32 {
        var characters = 0
        var reader = Unescaper(range, in: bytes)
        while let scalar = reader.next(bytes) { if scalar != "=" { characters += 1 } }
        return Int32(truncatingIfNeeded: Base64.decodedCount(characters, padding: 0))
    }

    /// `audio/pcm;rate=16000` and other forms of media types.
    @inline(__always)
    private mutating func readType(_ bytes: Span<UInt8>, _ text: JSONCursor.Text) {
        let start = Int(text.range.lower)
        if !text.isEscaped, text.range.count > 15,
            Bytes.word(bytes, at: start) == 0x63_702F_6F69_6475_61,  // "audio/pc"
            Bytes.word(bytes, at: start + 7) == 0x3D_6574_6172_3B6D_63  // "cm;rate="
        {
            isAudio = true
            switch Bytes.word(bytes, at: Int(text.range.upper) - 8) {
            case 0x3030_3036_313D_6574: rate = 16_000  // "te=16000"
            case 0x3030_3034_323D_6574: rate = 24_000  // "te=24000"
            default:
                rate = Int32(
                    truncatingIfNeeded: Blob.rate(bytes, start + 15..<Int(text.range.upper)))
            }
            return
        }
        readUnusualType(bytes, text.range)
    }

    /// Digits at the start of `range`, 0 if there are none, or too many for a rate.
    private static func rate(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var value = 0
        for at in range {
            let digit = bytes[at] &- 0x30
            guard digit < 10 else { break }
            value = value * 10 + Int(digit)
            if value > 1_000_000 { return 0 }
        }
        return value
    }

    private mutating func readUnusualType(_ bytes: Span<UInt8>, _ range: ByteRange) {
        let type = JSONText.unescape(bytes, range, limit: 256).lowercased()
        isAudio = type.hasPrefix("audio/")
        for parameter in type.split(separator: ";").dropFirst() {
            let trimmed = parameter.drop { $0 == " " }
            guard trimmed.hasPrefix("rate=") else { continue }
            let digits = Array(trimmed.dropFirst(5).drop { $0 == "\"" }.utf8)
            rate = Int32(truncatingIfNeeded: Blob.rate(digits.span, 0..<digits.count))
        }
    }
}

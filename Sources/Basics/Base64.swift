/// Base64 in both alphabets (RFC 4648 sections 4 and 5), padded or not.
public enum Base64 {
    /// Standard alphabet, padded, as the service prints it.
    public static func encode(_ bytes: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        encode(bytes, into: &output)
        return output
    }

    /// Appends the encoding to `output`.
    public static func encode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        output.reserveCapacity(output.count + (bytes.count + 2) / 3 * 4)
        var at = 0
        while bytes.count - at >= 3 {
            let group = UInt32(bytes[at]) << 16 | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2])
            output.append(character(group >> 18))
            output.append(character(group >> 12))
            output.append(character(group >> 6))
            output.append(character(group))
            at += 3
        }
        guard at < bytes.count else { return }
        let hasTwo = bytes.count - at == 2
        let group = UInt32(bytes[at]) << 16 | (hasTwo ? UInt32(bytes[at + 1]) << 8 : 0)
        output.append(character(group >> 18))
        output.append(character(group >> 12))
        output.append(hasTwo ? character(group >> 6) : UInt8(ascii: "="))
        output.append(UInt8(ascii: "="))
    }

    /// Either alphabet, even mixed, padded or not; nil for anything else, white space included.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        guard count % 4 != 1 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(count * 3 / 4)
        let values = values
        var group: UInt32 = 0
        var bits = 0
        for at in 0..<count {
            let value = values[Int(text[at])]
            guard value < 64 else { return nil }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return output
    }

    /// The way in which a text was written, of several for the same bytes.
    public struct Form: Equatable, Sendable {
        public var isURLSafe: Bool
        public var isPadded: Bool

        public init(isURLSafe: Bool, isPadded: Bool) {
            self.isURLSafe = isURLSafe
            self.isPadded = isPadded
        }
    }

    /// The encoding in that form.
    public static func encode(_ bytes: Span<UInt8>, as form: Form) -> [UInt8] {
        var text = encode(bytes)
        if !form.isPadded { while text.last == UInt8(ascii: "=") { text.removeLast() } }
        guard form.isURLSafe else { return text }
        for at in text.indices {
            if text[at] == UInt8(ascii: "+") { text[at] = UInt8(ascii: "-") }
            if text[at] == UInt8(ascii: "/") { text[at] = UInt8(ascii: "_") }
        }
        return text
    }

    /// Decodes a text of this form, if it is exactly what `encode` would write.
    ///
    /// - Parameter output: Receives the bytes at its beginning; extended if it is too short.
    /// - Returns: The number of bytes; nil if the text is not of this form, or has fewer than 33
    ///   characters. The contents of `output` are then undefined.
    public static func decode(
        exactly text: Span<UInt8>, as form: Form, into output: inout [UInt8]
    ) -> Int? {
        // The last group may be padded, or shorter.
        let whole = max(0, (text.count - 1) / 4 * 4)
        guard whole >= 32 else { return nil }
        var end = text.count
        while form.isPadded, end > whole, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        let characters = end - whole
        guard characters >= 2, text.count == (form.isPadded ? whole + 4 : end) else { return nil }
        let values = values
        var group: UInt32 = 0
        for at in whole..<end {
            let character = text[at]
            // The two characters by which the alphabets differ.
            let isOfOther =
                form.isURLSafe
                ? character == UInt8(ascii: "+") || character == UInt8(ascii: "/")
                : character == UInt8(ascii: "-") || character == UInt8(ascii: "_")
            guard values[Int(character)] < 64, !isOfOther else { return nil }
            group = group << 6 | UInt32(values[Int(character)])
        }
        group <<= UInt32(6 * (4 - characters))
        var count = whole / 4 * 3
        let all = count + characters - 1
        if output.count < all { output = [UInt8](repeating: 0, count: all) }
        while count < all {
            output[count] = UInt8(truncatingIfNeeded: group >> 16)
            group = group << 8 & 0xFF_FFFF
            count += 1
        }
        let isRead = Bytes.decode(
            base64: text.extracting(..<whole), isURLSafe: form.isURLSafe, into: &output)
        // Bits that belong to no byte are zero.
        return isRead && group == 0 ? all : nil
    }

    /// Decoded size of `count` characters, of which the last `padding` are `=`.
    @inlinable public static func decodedCount(_ count: Int, padding: Int) -> Int {
        let characters = max(0, count - padding)
        return characters / 4 * 3 + characters % 4 * 3 / 4
    }

    private static func character(_ sixBits: UInt32) -> UInt8 {
        switch UInt8(truncatingIfNeeded: sixBits & 63) {
        case let value where value < 26: value + UInt8(ascii: "A")
        case let value where value < 52: value - 26 + UInt8(ascii: "a")
        case let value where value < 62: value - 52 + UInt8(ascii: "0")
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    /// 0...63 by character, or 255 for characters in neither alphabet.
    static let values: [UInt8] = (0...255).map { value(of: $0) }

    private static func value(of character: UInt8) -> UInt8 {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: 255
        }
    }
}

import Basics

/// Checks text that arrives in pieces (Unicode 17, table 3-7). For one text message with all its
/// fragments: `feed` each payload, then `finish`.
public struct UTF8Validator: Sendable, BitwiseCopyable {
    /// Continuation bytes that the current character still needs; 0 between characters.
    private var wanted: UInt8 = 0
    /// The range of the next continuation byte: narrower than 80...BF only after E0, ED, F0 and F4,
    /// which excludes overlong forms, surrogates and code points above U+10FFFF.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    public init() {}

    /// Whether the text could end here.
    public var isBetweenCharacters: Bool { wanted == 0 }

    /// Adds the next bytes; throws 1007 at the first byte that makes the text invalid.
    public mutating func feed(_ bytes: Span<UInt8>) throws(Violation) {
        var index = 0
        let end = bytes.count
        while index < end {
            if wanted == 0, bytes[index] < 0x80 {
                index = asciiPrefixEnd(bytes, from: index)
                continue
            }
            try feed(bytes[index])
            index += 1
        }
    }

    /// Ends the text; throws 1007 inside a character.
    public func finish() throws(Violation) {
        guard wanted == 0 else { throw .invalidText }
    }

    /// Whether `bytes` are valid text as a whole.
    public static func isValid(_ bytes: Span<UInt8>) -> Bool {
        var validator = UTF8Validator()
        do {
            try validator.feed(bytes)
            try validator.finish()
            return true
        } catch {
            return false
        }
    }

    private mutating func feed(_ byte: UInt8) throws(Violation) {
        if wanted > 0 {
            guard byte >= lowest, byte <= highest else { throw .invalidText }
            wanted -= 1
            (lowest, highest) = (0x80, 0xBF)
            return
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: wanted = 1
        case 0xE0: (wanted, lowest) = (2, 0xA0)
        case 0xED: (wanted, highest) = (2, 0x9F)
        case 0xE1...0xEF: wanted = 2
        case 0xF0: (wanted, lowest) = (3, 0x90)
        case 0xF4: (wanted, highest) = (3, 0x8F)
        case 0xF1...0xF3: wanted = 3
        default: throw .invalidText
        }
    }
}

extension Violation {
    static let invalidText = Violation(1007, "text is not valid UTF-8")
}

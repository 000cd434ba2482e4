import Basics

/// Makes strings from peers safe for a log line: one line, no terminal controls, no secrets,
/// limited length.
enum LogText {
    /// The part of a value that is kept. Close reasons have 123 bytes; policy errors some hundred.
    static let limit = 512

    /// In quotes, as in JSON. Also escapes everything that makes a terminal or editor show
    /// different text: C1 controls, line separators, marks that change the writing direction,
    /// characters without width.
    static func quoted(_ text: String) -> [UInt8] {
        var result: [UInt8] = [UInt8(ascii: "\"")]
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            if count > limit {
                result += "...".utf8
                break
            }
            switch scalar {
            case "\"": result += #"\""#.utf8
            case "\\": result += #"\\"#.utf8
            case "\n": result += #"\n"#.utf8
            case "\r": result += #"\r"#.utf8
            case "\t": result += #"\t"#.utf8
            default:
                if PlainText.isHidden(scalar) {
                    result += PlainText.escape(scalar).utf8
                } else {
                    result += UTF8.encode(scalar).map(Array.init) ?? []
                }
            }
        }
        result.append(UInt8(ascii: "\""))
        return result
    }

    /// Whether the text format may show the string without quotes.
    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= limit
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D }
    }
}

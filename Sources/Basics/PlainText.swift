/// Makes text from other parties safe to show in a terminal, a table or a line.
public enum PlainText {
    /// Characters that make a terminal or an editor show a different text: controls, line
    /// separators, marks that change the writing direction, characters without width.
    public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0xAD, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F,
            0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
            true
        default: false
        }
    }

    /// The text with `\u001b` in place of hidden characters, as JSON writes it; line feeds and tabs
    /// stay, and so do the joiners that some languages need.
    public static func escaped(_ text: String) -> String {
        func mustGo(_ scalar: Unicode.Scalar) -> Bool {
            isHidden(scalar) && !["\n", "\t", "\u{200C}", "\u{200D}"].contains(scalar)
        }
        guard text.unicodeScalars.contains(where: mustGo) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if mustGo(scalar) {
                result += escape(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// `\u001b`, as two units if necessary.
    public static func escape(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)"
        }.joined()
    }

    /// The same on one line.
    public static func line(_ text: String) -> String {
        escaped(text).replacing("\n", with: "\\n").replacing("\t", with: "\\t")
    }
}

import Ledger

/// The dictionary of timelines as a module of the page.
enum Dictionaries {
    static func script(_ words: [TimelineEntryForm]) -> [UInt8] {
        var text = "// The words of timelines, from the program's own dictionary.\n"
        text += "export const WORDS = {\n"
        for form in words { text += "  \(quoted(form.word)): \(object(form)),\n" }
        return Array((text + "};\n").utf8)
    }

    private static func object(_ form: TimelineEntryForm) -> String {
        let fields = [
            ("label", quoted(form.label)), ("kind", quoted(form.kind.rawValue)),
            ("tone", quoted(form.severity.rawValue)), ("sign", quoted(form.glyph.rawValue)),
            ("role", quoted(form.role.rawValue)), ("meaning", quoted(form.sentence)),
            ("begins", form.begins.map { quoted($0.rawValue) } ?? "null"),
            ("ends", "[" + form.ends.map { quoted($0.rawValue) }.joined(separator: ", ") + "]"),
        ]
        return "{ " + fields.map { "\($0.0): \($0.1)" }.joined(separator: ", ") + " }"
    }

    /// These are the program's own words: plain ASCII.
    private static func quoted(_ text: String) -> String {
        "\"" + text.filter { $0.isASCII && $0 != "\"" && $0 != "\\" && $0 != "\n" } + "\""
    }
}

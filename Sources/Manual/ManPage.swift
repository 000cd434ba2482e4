/// The manual in section 1, in the macros of man(7).
public enum ManPage {
    /// - Parameter version: of this program.
    public static func text(version: String) -> String {
        var lines = [
            #".TH TURNKEEPER 1 "" "turnkeeper \#(escaped(version))" "User Commands""#,
            ".SH NAME", "turnkeeper \\- \(escaped(Manual.summary))",
            ".SH SYNOPSIS", ".B turnkeeper", #"\fICOMMAND\fR [\fIoptions\fR]"#,
            ".SH DESCRIPTION",
            escaped(
                "Swap one URL in a Gemini Live client for this program's, and its message order is "
                    + "legal, its stalled turns are revived, its lost connections are resumed, and "
                    + "every token is on a ledger."),
            ".SH COMMANDS",
        ]
        for command in Manual.commands { lines += section(command) }
        lines += [
            ".SH EXIT STATUS",
            "0: done. 1: failed. 2: asked wrongly, with a line that says what to try.",
            ".SH FILES", ".TP", ".I Policies/",
            escaped("policies, unless --policies says otherwise"),
            ".TP", ".I .turnkeeper/",
            escaped("ledger, recordings, certificates, unless --data says otherwise"),
        ]
        return lines.joined(separator: "\n")
    }

    private static func section(_ command: Command) -> [String] {
        var lines = [".SS " + escaped(HelpText.synopsis(command))]
        lines.append(escaped(sentence(command.summary)))
        for paragraph in command.paragraphs { lines += [".PP", escaped(paragraph)] }
        for option in command.options {
            let value = option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
            lines += [".TP", "\\fB\\-\\-\(escaped(option.name))\\fR\(value)", escaped(option.text)]
        }
        for example in command.examples {
            lines += [
                ".PP", escaped(sentence(example.purpose).dropLast() + ":"), ".RS", ".nf",
                escaped(example.line), ".fi", ".RE",
            ]
        }
        return lines
    }

    private static func sentence(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    /// Text that is nobody's macro.
    private static func escaped(_ text: some StringProtocol) -> String {
        var out = ""
        for character in text {
            switch character {
            case "\\": out += "\\e"
            case "-": out += "\\-"
            case "'": out += "\\(aq"
            case "`": out += "\\(ga"
            default: out.append(character)
            }
        }
        // A line that begins with a dot is a request.
        return out.hasPrefix(".") ? "\\&" + out : out
    }
}

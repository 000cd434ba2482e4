/// The man page for section 1, in the macros of man(7).
public enum ManPage {
    /// - Parameter version: This program's.
    public static func text(version: String) -> String {
        var lines = [
            #".TH TURNKEEPER 1 "" "turnkeeper \#(escaped(version))" "User Commands""#,
            ".SH NAME", "turnkeeper \\- \(escaped(Manual.summary))",
            ".SH SYNOPSIS", ".B turnkeeper", #"\fICOMMAND\fR [\fIoptions\fR]"#,
            ".SH DESCRIPTION",
            escaped(
                "A supervising proxy for Gemini Live. A client changes one URL; from then on its "
                    + "message order is legal, its stalled turns are revived, its lost connections are "
                    + "resumed, and every token is recorded in a ledger."),
            ".SH COMMANDS",
        ]
        for command in Manual.commands { lines += section(command) }
        lines += [
            ".SH EXIT STATUS",
            "0: done. 1: failed. 2: wrong arguments, with a line that says what to try.",
            ".SH FILES", ".TP", ".I Policies/",
            escaped("default of --policies"),
            ".TP", ".I .turnkeeper/",
            escaped("default of --data: ledger, recordings, certificates"),
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

    /// Text without macros.
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

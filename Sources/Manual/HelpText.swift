/// Help on a terminal: eighty columns.
public enum HelpText {
    private static let width = 80

    /// All commands.
    public static var overview: String {
        let longest = Manual.commands.map(\.name.count).max() ?? 0
        var lines = ["\(Manual.program) \(Manual.summary)", ""]
        for command in Manual.commands {
            lines.append("  " + padded(command.name, longest) + "  " + command.summary)
        }
        lines += ["", "turnkeeper COMMAND --help explains a command."]
        return lines.joined(separator: "\n")
    }

    /// One command.
    public static func explaining(_ command: Command) -> String {
        var lines = ["turnkeeper \(command.name) \(command.summary)", ""]
        lines.append("  " + synopsis(command))
        for paragraph in command.paragraphs {
            lines.append("")
            lines += wrapped(paragraph, indent: 0)
        }
        if !command.options.isEmpty { lines.append("") }
        for option in command.options {
            lines.append("  \(option.synopsis)")
            lines += wrapped(option.text, indent: 6)
        }
        if !command.examples.isEmpty { lines.append("") }
        for example in command.examples {
            lines.append("  " + example.line + "    # " + example.purpose)
        }
        return lines.joined(separator: "\n")
    }

    /// `turnkeeper bundle ID [options]`
    static func synopsis(_ command: Command) -> String {
        ([Manual.program, command.name, command.operands]
            + (command.options.isEmpty ? [] : ["[options]"]))
            .filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Lines of at most `width` columns, broken at spaces.
    static func wrapped(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(margin + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        return line.isEmpty ? lines : lines + [margin + line]
    }
}

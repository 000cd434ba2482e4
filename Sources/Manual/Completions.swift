/// Completion scripts for shells.
public enum Completions: String, CaseIterable, Sendable {
    case bash, zsh, fish

    public var script: String {
        switch self {
        case .bash: Self.bashScript
        case .zsh: Self.zshScript
        case .fish: Self.fishScript
        }
    }

    // MARK: bash

    private static var bashScript: String {
        var cases: [String] = []
        var values: [String] = []
        for command in Manual.commands {
            let words = command.options.map { "--\($0.name)" } + ["--help"] + firstOperands(command)
            cases.append("        \(command.name)) words=\"\(words.joined(separator: " "))\" ;;")
            for option in command.options {
                guard let generator = bashValues(option) else { continue }
                values.append("        \(command.name):--\(option.name)) \(generator); return ;;")
            }
        }
        let names = Manual.commands.map(\.name).joined(separator: " ")
        return #"""
            _turnkeeper() {
                local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
                local command="${COMP_WORDS[1]}" words=""
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W "\#(names)" -- "$current"))
                    return
                fi
                case "$command:$previous" in
            \#(values.joined(separator: "\n"))
                esac
                case "$command" in
            \#(cases.joined(separator: "\n"))
                esac
                COMPREPLY=($(compgen -W "$words" -- "$current"))
                if [ "$command" = replay ]; then COMPREPLY+=($(compgen -f -- "$current")); fi
            }
            complete -o filenames -F _turnkeeper turnkeeper
            """#
    }

    private static func bashValues(_ option: Option) -> String? {
        if !option.words.isEmpty {
            let words = option.words.joined(separator: " ")
            return "COMPREPLY=($(compgen -W \"\(words)\" -- \"$current\"))"
        }
        switch option.completion {
        case .file: return "COMPREPLY=($(compgen -f -- \"$current\"))"
        case .directory: return "COMPREPLY=($(compgen -d -- \"$current\"))"
        case .nothing: return option.value == nil ? nil : "COMPREPLY=()"
        }
    }

    private static func firstOperands(_ command: Command) -> [String] {
        command.name == Manual.help.name ? Manual.commands.map(\.name) : command.verbs
    }

    // MARK: zsh

    private static var zshScript: String {
        let names = Manual.commands.map { "'\($0.name):\(quoted($0.summary))'" }
        let cases = Manual.commands.map { command in
            var specs = command.options.map { option in
                "'--\(option.name)[\(quoted(option.text))]\(zshValues(option))'"
            }
            let operands = firstOperands(command)
            if !operands.isEmpty { specs.append("'1:what:(\(operands.joined(separator: " ")))'") }
            if command.name == replay { specs.append("'1:recording:_files'") }
            return "        \(command.name)) _arguments '--help[explains this]' "
                + specs.joined(separator: " ") + " ;;"
        }
        return #"""
            #compdef turnkeeper
            _turnkeeper() {
                if (( CURRENT == 2 )); then
                    local -a commands=(\#(names.joined(separator: " ")))
                    _describe command commands
                    return
                fi
                local command=$words[2]
                shift words
                (( CURRENT-- ))
                case $command in
            \#(cases.joined(separator: "\n"))
                esac
            }
            if [ "$funcstack[1]" = _turnkeeper ]; then _turnkeeper "$@"; else compdef _turnkeeper turnkeeper; fi
            """#
    }

    private static let replay = Manual.replay.name

    private static func zshValues(_ option: Option) -> String {
        guard let value = option.value else { return "" }
        if !option.words.isEmpty {
            return ":\(option.name):(\(option.words.joined(separator: " ")))"
        }
        let name = quoted(value)
        switch option.completion {
        case .file: return ":\(name):_files"
        case .directory: return ":\(name):_files -/"
        case .nothing: return ":\(name): "
        }
    }

    /// Inside single quotes, and inside the brackets of a description.
    private static func quoted(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "'": out += #"'\''"#
            case "[", "]", ":", "\\": out += "\\\(character)"
            default: out.append(character)
            }
        }
        return out
    }

    // MARK: fish

    private static var fishScript: String {
        var lines = ["complete -c turnkeeper -f"]
        for command in Manual.commands {
            let name = command.name
            lines.append(
                "complete -c turnkeeper -n __fish_use_subcommand -a \(name) -d \(inFish(command.summary))"
            )
            let seen = "-n '__fish_seen_subcommand_from \(name)'"
            for option in command.options {
                lines.append(
                    "complete -c turnkeeper \(seen) -l \(option.name)\(fishValues(option)) -d "
                        + inFish(option.text))
            }
            let operands = firstOperands(command)
            if !operands.isEmpty {
                lines.append(
                    "complete -c turnkeeper \(seen) -a '\(operands.joined(separator: " "))'")
            }
            if name == replay { lines.append("complete -c turnkeeper \(seen) -F") }
        }
        return lines.joined(separator: "\n")
    }

    private static func fishValues(_ option: Option) -> String {
        guard option.value != nil else { return "" }
        if !option.words.isEmpty { return " -x -a '\(option.words.joined(separator: " "))'" }
        switch option.completion {
        case .file: return " -r -F"
        case .directory: return " -x -a '(__fish_complete_directories)'"
        case .nothing: return " -x"
        }
    }

    private static func inFish(_ text: String) -> String {
        var out = "'"
        for character in text {
            if character == "'" || character == "\\" { out += "\\" }
            out.append(character)
        }
        return out + "'"
    }
}

import Manual

/// The commands of `turnkeeper`, each from its arguments to its exit status, in separate files.
/// `Manual` describes their options and help.
enum Commands {
    typealias Run = @Sendable (Arguments) throws(Arguments.Mistake) -> Int32

    private static let all: [String: Run] = [
        "serve": serve, "check": check, "explain": explain, "sessions": sessions, "usage": usage,
        "nodes": nodes, "bundle": bundle, "ledger": ledger, "replay": replay,
        "dashboards": dashboards, "simulate": simulate, "demo": demo,
        "quickstart": quickstart, "try": trial, "talk": talk,
        "completions": completions, "manual": manual, "version": version, "help": help,
    ]

    /// - Returns: The program's exit status.
    static func run(_ words: [String]) throws(Arguments.Mistake) -> Int32 {
        guard let name = words.first else {
            Output.result(HelpText.overview)
            return 2
        }
        let command = try described(aliases[name] ?? name)
        let rest = Array(words.dropFirst())
        // Even if the rest is wrong.
        if rest.contains("--help") || rest.contains("-h") {
            Output.result(HelpText.explaining(command))
            return 0
        }
        guard let run = all[command.name] else {
            fatalError("\(command.name) has no implementation")
        }
        return try run(try Arguments(command, words: rest))
    }

    private static let aliases = ["--help": "help", "-h": "help", "--version": "version"]

    static func described(_ name: String) throws(Arguments.Mistake) -> Command {
        if let command = Manual.command(named: name) { return command }
        let near = Manual.nearest(to: name).map { "; did you mean \($0)?" } ?? ""
        throw Arguments.Mistake(
            message: "there is no command \"\(name)\"\(near)", hint: "turnkeeper --help")
    }
}

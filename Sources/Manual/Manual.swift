import Basics

/// Every command of the program, in the order of help.
public enum Manual {
    public static let program = "turnkeeper"
    public static let summary =
        "keeps Gemini Live conversations legal, alive and on record"

    public static let commands =
        [quickstart, trial, talk] + [serve, check, explain, sessions, usage, nodes, bundle]
        + [ledger, replay, dashboards, simulate, demo] + [completions, manual, version, help]

    public static func command(named name: String) -> Command? {
        commands.first { $0.name == name }
    }

    /// The likely meaning of a mistyped name.
    public static func nearest(to name: String) -> String? {
        if let near = guess(for: name, among: commands.map(\.name)) { return near }
        // `turnkeeper follow`: a verb without its command.
        for command in commands {
            if let verb = guess(for: name, among: command.verbs) {
                return "\(command.name) \(verb)"
            }
        }
        return nil
    }

    // MARK: About the program itself

    static let completions = Command(
        "completions", "bash|zsh|fish", summary: "prints completions for a shell",
        examples: [
            Example("source <(turnkeeper completions bash)", "in this shell"),
            Example(
                "turnkeeper completions fish > ~/.config/fish/completions/turnkeeper.fish",
                "in every fish shell"),
        ])
    static let manual = Command(
        "manual", summary: "prints this manual as a man page",
        examples: [Example("turnkeeper manual | man -l -", "shows it")])
    static let version = Command(
        "version", summary: "prints the versions of the program and its libraries")
    static let help = Command(
        "help", "[COMMAND]", summary: "lists the commands, or explains one")
}

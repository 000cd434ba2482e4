import YAML

extension Commands {
    static func check(_ words: [String]) throws(Arguments.Mistake) -> Int32 {
        let arguments = try Arguments(
            verb: "check", words: words, accepted: ["policies": true, "help": false])
        if arguments.has("help") { return help() }
        try arguments.takesNoPositional()
        let report = Check.run(
            arguments["policies"] ?? "Policies", isDefault: arguments["policies"] == nil)
        for line in report.lines { Output.result(line) }
        return report.exitCode
    }
}

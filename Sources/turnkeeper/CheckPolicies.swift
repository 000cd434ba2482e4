import Manual
import Proxy
import YAML

extension Commands {
    static func check(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let directory = arguments["policies"] ?? "Policies"
        let report = Check.run(
            directory, isDefault: arguments["policies"] == nil, isStrict: arguments.has("strict"))
        for line in report.lines { Output.result(line) }
        if report.exitCode == 0, case .success(let set) = PolicyDirectory.loadIfPresent(directory) {
            let mistakes = SecretCheck.mistakes(set)
            for line in mistakes { Output.error(line) }
            let kind = arguments.has("strict") ? "error" : "warning"
            let lines =
                SecretCheck.warnings(set, as: kind)
                + KeyFiles.readable(set).map { "turnkeeper: \(kind): \($0)" }
            for line in lines { Output.error(line) }
            if !mistakes.isEmpty || arguments.has("strict") && !lines.isEmpty { return 2 }
        }
        return report.exitCode
    }
}

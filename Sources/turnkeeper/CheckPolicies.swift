import Manual
import Proxy
import YAML

extension Commands {
    static func check(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let directory = arguments["policies"] ?? "Policies"
        let report = Check.run(directory, isDefault: arguments["policies"] == nil)
        for line in report.lines { Output.result(line) }
        if report.exitCode == 0, case .success(let set) = PolicyDirectory.loadIfPresent(directory) {
            for line in SecretCheck.warnings(set) { Output.error(line) }
            let exposed = KeyFiles.readable(set)
            let kind = arguments.has("strict") ? "error" : "warning"
            for line in exposed { Output.error("turnkeeper: \(kind): \(line)") }
            if arguments.has("strict"), !exposed.isEmpty { return 2 }
        }
        return report.exitCode
    }
}

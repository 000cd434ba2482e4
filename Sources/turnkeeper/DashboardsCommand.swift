import CLinux
import Dashboards
import Manual
import Proxy
import Transport

extension Commands {
    /// Boards, alerts and runbook of this version, for whoever has the program alone.
    static func dashboards(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let folder = arguments["into"] ?? "Dashboards"
        let runbook = arguments["runbook-url"]
        if let runbook, !isAddress(runbook) {
            throw Arguments.Mistake(
                message: "--runbook-url takes the address of a page, not \"\(runbook)\"",
                hint: "turnkeeper dashboards --runbook-url https://wiki.example/RUNBOOK.md")
        }
        // Prometheus and Grafana run as other users.
        umask(0o022)
        // SAFETY: the path lives for the call. If it fails, so does the first file, and says why.
        _ = unsafe mkdir(folder, 0o755)
        for artefact in Artefact.flat(runbook: runbook) {
            let path = "\(folder)/\(artefact.path)"
            guard File.replace(path, with: Array(artefact.text.utf8), mode: 0o644) else {
                Output.error(
                    "turnkeeper: \(path) cannot be written: \(SystemError.text(tk_errno())); use a directory "
                        + "that this user may write: --into DIR")
                return 1
            }
            Output.result(path)
        }
        return 0
    }

    /// An alert's heading is put behind it, and it stands in YAML.
    private static func isAddress(_ text: String) -> Bool {
        (text.hasPrefix("https://") || text.hasPrefix("http://"))
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && !"\"'#\\{}<>`".utf8.contains($0)
            }
    }
}

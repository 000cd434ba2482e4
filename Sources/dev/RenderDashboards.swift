import Dashboards

/// Writes the files generated from the catalogue of boards and alerts.
///
///     dev dashboards
///
/// writes Dashboards/ and docs/RUNBOOK.md, from the repository's root. For tests,
///
///     dev dashboards --rehearsal DIR [--haste 60] [--window 15s] [--range 1m]
///
/// writes alerts with shorter times and every panel's queries.
enum RenderDashboards {
    static func run(_ arguments: [String]) -> Int32 {
        let options = Options(arguments)
        let known = ["--rehearsal", "--haste", "--window", "--range"]
        if let name = options.unknown(besides: known) {
            print("dev dashboards has no option \(name)")
            return 2
        }
        do {
            if let folder = options.string("--rehearsal") {
                Files.makeFolder(folder)
                let haste = Int64(max(1, options.int("--haste") ?? 60))
                let window = options.string("--window") ?? "15s"
                let range = options.string("--range") ?? "1m"
                try write(
                    Artefact.rehearsal(haste: haste, window: window, range: range), below: folder)
            } else {
                try write(Artefact.all, below: ".")
            }
            return 0
        } catch {
            print("error: \(error)")
            return 1
        }
    }

    private static func write(_ artefacts: [Artefact], below folder: String) throws {
        for artefact in artefacts {
            try Files.write("\(folder)/\(artefact.path)", artefact.text)
            print("\(folder)/\(artefact.path)")
        }
    }
}

/// A file generated from this catalogue. A test compares its bytes in the repository.
public struct Artefact: Sendable {
    /// From the repository's root.
    public let path: String
    public let text: String

    public static var all: [Artefact] { linked(to: AlertRules.page) }

    /// The same files, side by side in one folder.
    /// - Parameter runbook: Where the alerts' links lead, such as
    ///   `https://wiki.example/turnkeeper/RUNBOOK.md`; nil for the file beside them.
    public static func flat(runbook: String?) -> [Artefact] {
        linked(to: runbook ?? "RUNBOOK.md").map { artefact in
            let name = artefact.path.split(separator: "/").last.map(String.init)
            return Artefact(path: name ?? artefact.path, text: artefact.text)
        }
    }

    private static func linked(to runbook: String) -> [Artefact] {
        Board.all.map { board in
            Artefact(
                path: "Dashboards/\(board.name).json",
                text: Grafana.dashboard(board).text() + "\n")
        } + [
            Artefact(
                path: "Dashboards/alerts.yaml", text: AlertRules.rules(haste: 1, runbook: runbook)),
            Artefact(
                path: "Dashboards/alerts_test.yaml", text: AlertRules.tests(runbook: runbook)),
            Artefact(path: "docs/RUNBOOK.md", text: RunbookPage.text()),
        ]
    }

    /// For a test that cannot wait for minutes: the alerts with shorter times, and every panel's
    /// queries as Prometheus accepts them, one object per line.
    public static func rehearsal(haste: Int64, window: String, range: String) -> [Artefact] {
        let form = Query.Form.plain(window: window, range: range)
        let lines = Board.all.flatMap { board in
            board.rows.flatMap { row in
                row.panels.map { line($0, row.title, board.name, form) + "\n" }
            }
        }
        return [
            Artefact(path: "alerts.yaml", text: AlertRules.rules(haste: haste)),
            Artefact(path: "panels.jsonl", text: lines.joined()),
        ]
    }

    private static func line(
        _ panel: Panel, _ row: String, _ board: String, _ form: Query.Form
    ) -> String {
        let targets = panel.targets.map { target in
            "{\"legend\": \(JSON.quoted(target.legend)), "
                + "\"query\": \(JSON.quoted(target.query.text(form)))}"
        }
        let members: [(String, String)] = [
            ("board", board), ("row", row), ("title", panel.title), ("kind", "\(panel.kind)"),
            ("unit", panel.unit.rawValue),
        ]
        let texts = members.map { "\"\($0.0)\": \(JSON.quoted($0.1))" }
        return "{\(texts.joined(separator: ", ")), \"width\": \(panel.width), "
            + "\"targets\": [\(targets.joined(separator: ", "))]}"
    }
}

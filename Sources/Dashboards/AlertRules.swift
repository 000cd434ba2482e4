import Basics

/// The alerts as Prometheus' rule file, and as promtool's tests of it.
enum AlertRules {
    private static let note = "# Made by `dev dashboards` from Sources/Dashboards; change it there."

    /// `haste` divides how far back rules look and how long they must hold: 1 for use, more for
    /// rehearsals that cannot wait.
    static func rules(haste: Int64) -> String {
        var lines = [note, "groups:", "  - name: turnkeeper"]
        if haste > 1 { lines.append("    interval: 1s") }
        lines.append("    rules:")
        for alert in Alert.all {
            let window = hurried(alert.window, haste, atLeast: 10)
            lines += [
                "      - alert: Turnkeeper\(alert.name)",
                "        expr: \(JSON.quoted(alert.query.text(.plain(window: window, range: window))))",
            ]
            if alert.lasting > .zero {
                lines.append("        for: \(hurried(alert.lasting, haste, atLeast: 1))")
            }
            lines += [
                "        labels:",
                "          severity: \(alert.severity.rawValue)",
                "        annotations:",
                "          summary: \(JSON.quoted(alert.summary))",
                "          runbook: \(JSON.quoted(alert.runbookPlace))",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Each alert twice: with series under which it must fire, and with such as must leave it quiet.
    static func tests() -> String {
        var lines = [note, "rule_files: [alerts.yaml]", "evaluation_interval: 1m", "tests:"]
        for alert in Alert.all {
            lines += test(alert, alert.proof.fires, fires: true)
            lines += test(alert, alert.proof.isQuiet, fires: false)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func test(
        _ alert: Alert, _ samples: [Alert.Sample], fires: Bool
    ) -> [String] {
        let name = "Turnkeeper\(alert.name)"
        var lines = [
            "  - name: \(JSON.quoted(fires ? "\(name) fires" : "\(name) stays quiet"))",
            "    interval: 1m",
            "    input_series:",
        ]
        for sample in samples {
            let series = sample.series.text(.plain(window: "", range: ""))
            lines += [
                "      - series: \(JSON.quoted(series))",
                "        values: \(JSON.quoted(sample.values))",
            ]
        }
        lines += [
            "    alert_rule_test:",
            "      - eval_time: \(alert.proof.minutes)m",
            "        alertname: \(name)",
        ]
        guard fires else { return lines + ["        exp_alerts: []"] }
        lines += [
            "        exp_alerts:",
            "          - exp_labels:",
            "              severity: \(alert.severity.rawValue)",
        ]
        for label in alert.proof.labels {
            lines.append("              \(label.name): \(JSON.quoted(label.value))")
        }
        return lines + [
            "            exp_annotations:",
            "              summary: \(JSON.quoted(filled(alert.summary, alert.proof.labels)))",
            "              runbook: \(JSON.quoted(alert.runbookPlace))",
        ]
    }

    /// The summary as Prometheus fills it in.
    private static func filled(
        _ summary: String, _ labels: [(name: String, value: String)]
    ) -> String {
        var result = ""
        var rest = Substring(summary)
        while let open = rest.firstRange(of: "{{ $labels."), let close = rest.firstRange(of: " }}")
        {
            result += rest[..<open.lowerBound]
            let name = rest[open.upperBound..<close.lowerBound]
            result += labels.first { $0.name == name }?.value ?? ""
            rest = rest[close.upperBound...]
        }
        return result + rest
    }

    private static func hurried(_ time: Interval, _ haste: Int64, atLeast: Int64) -> String {
        guard haste > 1 else { return duration(time.milliseconds / 1000) }
        return duration(max(atLeast, time.milliseconds / 1000 / haste))
    }

    /// As Prometheus writes durations.
    static func duration(_ seconds: Int64) -> String {
        if seconds >= 3600, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds >= 60, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}

extension Alert {
    var runbookPlace: String { "docs/RUNBOOK.md#\(anchor)" }
}

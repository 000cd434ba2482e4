import Basics

/// The runbook as a page: a heading per alert.
enum RunbookPage {
    static func text() -> String {
        var lines = [
            "# Runbook", "",
            "A section per alert of `Dashboards/alerts.yaml`: what it means, what to look at, what to do. In Prometheus and on phones an alert is "
                + "called `Turnkeeper` and the name of its section. Made by `dev dashboards`; the words are in `Sources/Dashboards`.",
            "",
            "| alert | severity | fires when |", "|---|---|---|",
        ]
        for alert in Alert.all {
            lines.append(
                "| [\(alert.name)](#\(alert.anchor)) | \(alert.severity.rawValue) | \(spoken(alert.summary)) |"
            )
        }
        lines += [
            "",
            "`page`: users are hurt now, or money is lost; somebody gets up. `ticket`: to be looked at in working hours.",
            "",
            "Three commands help with nearly all of them: `turnkeeper sessions list`, `turnkeeper sessions show ID` and `turnkeeper bundle ID`. A session's id is in "
                + "the header `x-turnkeeper-session` of the upgrade, in every close reason of ours, and in the log.",
        ]
        for alert in Alert.all { lines += section(alert) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ alert: Alert) -> [String] {
        let window = AlertRules.duration(alert.window.milliseconds / 1000)
        var lines = ["", "## \(alert.name)", "", alert.runbook.means, "", "```"]
        lines.append(alert.query.text(.plain(window: window, range: window)))
        let lasting = alert.lasting.milliseconds / 1000
        if lasting > 0 { lines.append("for \(AlertRules.duration(lasting))") }
        lines += ["```", "", "**Look at**", ""]
        lines += alert.runbook.look.map { "* \($0)" }
        lines += ["", "**Do**", ""]
        lines += alert.runbook.act.map { "* \($0)" }
        return lines
    }

    /// `{{ $labels.tenant }}` as a person says it.
    private static func spoken(_ summary: String) -> String {
        var text = ""
        var rest = Substring(summary)
        while let open = rest.firstRange(of: "{{ $labels."), let close = rest.firstRange(of: " }}")
        {
            text += rest[..<open.lowerBound] + "*" + rest[open.upperBound..<close.lowerBound] + "*"
            rest = rest[close.upperBound...]
        }
        return text + rest
    }
}

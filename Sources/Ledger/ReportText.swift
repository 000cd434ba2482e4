import Basics
import Usage

/// The ledger as text for a terminal.
public enum ReportText {
    /// One line per session, newest first.
    public static func sessions(_ sessions: [SessionSummary]) -> [String] {
        guard !sessions.isEmpty else { return ["no sessions"] }
        let header = [
            "SESSION", "TENANT", "MODEL", "STARTED", "LASTED", "OUTCOME", "CLOSE", "REMEDIES",
            "TURNS", "USD",
        ]
        let rows = sessions.map { session in
            let state = session.state.map { "live, \($0.rawValue)" } ?? "live"
            return [
                session.id, session.tenant, session.model.isEmpty ? "-" : session.model,
                session.started.description, length(session), session.outcome ?? state,
                session.closeCode.map(String.init) ?? "-",
                remedies(session).map(String.init) ?? "-", String(session.turns),
                dollars(session.cost),
            ].map(plain)
        }
        return table(header, rows, numbersFrom: 6)
    }

    /// How often a session was nudged or reconnected; nil for never.
    private static func remedies(_ session: SessionSummary) -> Int? {
        let count = session.troubles.reduce(0) { sum, trouble in
            ["nudged", "reconnecting"].contains(trouble.what) ? sum + trouble.count : sum
        }
        return count > 0 ? count : nil
    }

    /// RFC 4180, with a header; money with six decimals.
    public static func sessionsCSV(_ sessions: [SessionSummary]) -> [String] {
        let header = [
            "session", "tenant", "model", "started", "ended", "outcome", "state", "client_close",
            "client_close_reason", "gemini_close", "gemini_close_reason", "connections", "turns",
            "cost_usd", "remedy_cost_usd", "end_user", "remedies",
        ]
        let rows = sessions.map { session in
            [
                session.id, session.tenant, session.model, session.started.description,
                session.ended?.description ?? "", session.outcome ?? "",
                session.state?.rawValue ?? "", session.closeCode.map(String.init) ?? "",
                session.closeReason, session.geminiCloseCode.map(String.init) ?? "",
                session.geminiCloseReason, String(session.connections), String(session.turns),
                Decimal.padding(session.cost, 6), Decimal.padding(session.remedyCost, 6),
                session.endUser,
                session.troubles.map { "\($0.what)=\($0.count)" }.joined(separator: ";"),
            ].map(escape).joined(separator: ",")
        }
        return [header.joined(separator: ",")] + rows
    }

    /// Text from a peer must not move the cursor.
    public static func plain(_ text: String) -> String {
        let spaced = String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        return String(
            String.UnicodeScalarView(
                spaced.unicodeScalars.filter {
                    $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
                }))
    }

    /// One line per group.
    public static func usage(_ rows: [UsageRow]) -> [String] {
        guard !rows.isEmpty else { return ["no usage"] }
        let groups = groups(rows)
        let header =
            groups.map { $0.name.uppercased() } + [
                "SESSIONS", "MINUTES", "TURNS", "AUDIO IN", "TEXT IN", "AUDIO OUT", "TEXT OUT",
                "THOUGHTS",
                "TOKENS", "ESTIMATED", "USD",
            ]
        let lines = (rows.count > 1 ? rows + [total(rows)] : rows).map { row in
            let tokens = row.reported + row.estimated
            let counts: [Int64] = [
                Int64(row.turns), tokens.prompt.audio,
                tokens.prompt.sum - tokens.prompt.audio, tokens.response.audio,
                tokens.response.sum - tokens.response.audio, tokens.thoughts, tokens.total,
                row.estimated.total,
            ]
            // Only the total belongs to no group; usage without a name belongs to a group without
            // one.
            let names = groups.map { row[$0].map { $0.isEmpty ? "-" : plain($0) } ?? "" }
            return names + [String(row.sessions), minutes(row.lasted)] + counts.map(String.init)
                + [dollars(row.cost)]
        }
        var table = table(header, lines, numbersFrom: groups.count)
        if rows.count > 1, let last = table.popLast() {
            table.append(String(repeating: "─", count: table.map(\.count).max() ?? 0))
            table.append("total" + last.dropFirst(5))
        }
        return table + budgets(rows)
    }

    /// One line per tenant that has a budget, however many rows it has.
    private static func budgets(_ rows: [UsageRow]) -> [String] {
        var told: Set<String> = []
        return rows.sorted { $0.tenant ?? "" < $1.tenant ?? "" }.compactMap { row in
            guard let (most, used) = row.dayBudget, let tenant = row.tenant,
                told.insert(tenant).inserted
            else { return nil }
            return "budget of \(plain(tenant)) today: \(dollars(used)) of \(dollars(most)) USD"
                + (most > 0 ? ", \(percent(used, of: most)) %" : "")
        }
    }

    /// Whole ones, so that 100 means used up.
    private static func percent(_ used: Int64, of most: Int64) -> Int64 {
        let (product, isTooLarge) = used.multipliedReportingOverflow(by: 100)
        return isTooLarge ? used / most : product / most
    }

    /// The sum of all rows; no session or turn is in two of them.
    private static func total(_ rows: [UsageRow]) -> UsageRow {
        rows.reduce(into: UsageRow()) { sum, row in
            sum.sessions += row.sessions
            sum.turns += row.turns
            sum.lasted = sum.lasted + row.lasted
            sum.reported = sum.reported + row.reported
            sum.estimated = sum.estimated + row.estimated
            sum.cost &+= row.cost
        }
    }

    /// RFC 4180, with a header; money with six decimals.
    public static func usageCSV(_ rows: [UsageRow]) -> [String] {
        let groups = groups(rows)
        var header = groups.map(\.name) + ["sessions", "turns"]
        for direction in ["prompt", "response"] {
            header += Modality.allCases.map { "\(direction)_\($0.rawValue)" }
        }
        header += [
            "thoughts", "cached", "tool_use", "total", "estimated_tokens", "cost_usd",
            "remedy_cost_usd", "minutes",
        ]
        let lines = rows.map { row in
            let tokens = row.reported + row.estimated
            var fields = groups.map { escape(row[$0] ?? "") }
            fields += [String(row.sessions), String(row.turns)]
            for counts in [tokens.prompt, tokens.response] {
                fields += Modality.allCases.map { String(counts[$0]) }
            }
            fields += [tokens.thoughts, tokens.cached, tokens.toolUse, tokens.total].map {
                String($0)
            }
            fields += [
                String(row.estimated.total), Decimal.padding(row.cost, 6),
                Decimal.padding(row.remedyCost, 6),
                Decimal.text(row.lasted.milliseconds / 60, digits: 3),
            ]
            return fields.joined(separator: ",")
        }
        return [header.joined(separator: ",")] + lines
    }

    // MARK: Pieces

    static func dollars(_ micro: Int64) -> String { Decimal.padding(micro, 6) }

    static func length(_ session: SessionSummary) -> String {
        guard let ended = session.ended else { return "-" }
        return length(ended - session.started)
    }

    static func length(_ interval: Interval) -> String {
        let milliseconds = max(0, interval.milliseconds)
        if milliseconds < 60_000 { return Decimal.padding(milliseconds / 100, 1) + "s" }
        let seconds = milliseconds / 1000
        return seconds < 3600
            ? "\(seconds / 60)m\(seconds % 60)s" : "\(seconds / 3600)h\(seconds / 60 % 60)m"
    }

    /// Whole minutes; below ten with one decimal, since most sessions are short.
    static func minutes(_ interval: Interval) -> String {
        let tenths = max(0, interval.milliseconds) / 6000
        return tenths < 100 ? Decimal.padding(tenths, 1) : String(tenths / 10)
    }

    /// The dimensions by which rows are grouped.
    private static func groups(_ rows: [UsageRow]) -> [UsageGrouping.Dimension] {
        UsageGrouping.Dimension.allCases.filter { rows.first?[$0] != nil }
    }

    private static func escape(_ field: String) -> String {
        // Many readers treat each line as a row, whatever the quotes.
        let field = PlainText.line(field)
        // A name that a spreadsheet would treat as a formula gets a quote in front.
        let isFormula = field.first.map { "=+-@".contains($0) } ?? false
        let text = isFormula ? "'" + field : field
        let needsQuotes = text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 < 0x20 }
        guard needsQuotes else { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }

    /// Columns as wide as their widest field; those from `numbersFrom` on are right-aligned.
    static func table(_ header: [String], _ rows: [[String]], numbersFrom: Int) -> [String] {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([header] + rows).map { row in
            let line = row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column >= numbersFrom ? space + row[column] : row[column] + space
            }.joined(separator: "  ")
            return String(line.trimmingEnd())
        }
    }
}

extension String {
    func trimmingEnd() -> Substring {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}

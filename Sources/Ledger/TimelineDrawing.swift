import Basics
import Usage

/// A session's timeline in three lanes: the client, turnkeeper, gemini.
public struct TimelineDrawing {
    private let laneWidth: Int
    private static let timeWidth = 9
    private static let lanes = ["client", "turnkeeper", "gemini"]

    /// - Parameter width: The width of a line, at least 60.
    public init(width: Int = 120) {
        laneWidth = (max(60, width) - Self.timeWidth - 3 * 3) / 3
    }

    /// A heading, the lanes, the turns with their tokens and cost.
    public func lines(_ report: SessionReport) -> [String] {
        heading(report) + [""] + lanes(report.events) + turns(report) + tools(report)
    }

    /// The names of the lanes, and a rule below them.
    public var header: [String] {
        [
            row("seconds", ["user", "turnkeeper", "gemini"]),
            String(repeating: "─", count: Self.timeWidth)
                + String(repeating: "─┼─" + String(repeating: "─", count: laneWidth), count: 3),
        ]
    }

    /// One event: as many lines as its text needs.
    public func lines(_ event: TimelineEvent) -> [String] {
        let lane = Self.lanes.firstIndex(of: event.lane) ?? 1
        // Readers look for trouble and remedies.
        let mark = RemedyCount.words.contains(event.what) ? "! " : ""
        return wrap(mark + event.text).enumerated().map { number, piece in
            var cells = ["", "", ""]
            cells[lane] = piece
            return row(
                number == 0 ? Decimal.padding(event.at.milliseconds, 3) : "", cells)
        }
    }

    // MARK: Parts

    private func heading(_ report: SessionReport) -> [String] {
        let session = report.summary
        var lines = [
            "session \(session.id)  tenant \(session.tenant)  "
                + "model \(session.model.isEmpty ? "-" : session.model)"
                + (session.endUser.isEmpty ? "" : "  end user \(session.endUser)"),
            "started \(session.started)  lasted \(ReportText.length(session))  "
                + "outcome \(session.outcome ?? "live")"
                + (session.closeCode.map { "  client close \($0) \(session.closeReason)" } ?? ""),
        ]
        for connection in report.connections {
            let end =
                connection.closed.map {
                    "lasted \(ReportText.length($0 - connection.opened))"
                        + (connection.code.map { ", closed \($0)" } ?? "")
                        + (connection.reason.map { $0.isEmpty ? "" : " \($0)" } ?? "")
                } ?? "open"
            lines.append(
                "connection \(connection.number)\(connection.resumed ? " (resumed)" : ""): \(end)")
        }
        let troubles = report.summary.troubles.map { "\($0.count) \($0.what)" }
        if !troubles.isEmpty { lines.append("trouble: " + troubles.joined(separator: ", ")) }
        return lines.map { String(ReportText.plain($0).trimmingEnd()) }
    }

    private func lanes(_ events: [TimelineEvent]) -> [String] {
        guard !events.isEmpty else { return ["no timeline"] }
        var drawn = header
        var utterances = Utterances()
        let now = Instant(nanoseconds: 0)
        var whole = events.flatMap { utterances.add($0, at: now) }
        whole += utterances.settled()
        for event in whole {
            drawn += lines(event)
            // A blank line between turns.
            if event.what == "turn_ended" { drawn.append(row("", ["", "", ""])) }
        }
        return drawn
    }

    private func turns(_ report: SessionReport) -> [String] {
        guard !report.turns.isEmpty else { return [] }
        let header = [
            "TURN", "INPUT", "OUTCOME", "REMEDIES", "FIRST AUDIO", "IN", "OUT", "THOUGHTS",
            "ESTIMATED", "USD",
        ]
        let rows = report.turns.map { turn in
            let tokens = turn.usage.tokens
            let delay = turn.firstAudio.map { audio in
                ReportText.length(audio - (turn.inputEnded ?? turn.started))
            }
            return [
                String(turn.number), turn.input, turn.outcome ?? "under way",
                Self.counted(turn.remedies),
                delay ?? "-", String(tokens.prompt.sum), String(tokens.response.sum),
                String(tokens.thoughts), String(turn.usage.estimated.total),
                ReportText.dollars(turn.usage.cost),
            ]
        }
        let sum = report.turns.reduce(Int64(0)) { $0 &+ $1.usage.cost }
        return [""] + ReportText.table(header, rows, numbersFrom: 4)
            + ["total \(ReportText.dollars(sum)) USD"]
    }

    /// A turn that was moved sixty times says so once.
    private static func counted(_ remedies: [String]) -> String {
        var kinds: [String] = []
        for remedy in remedies where !kinds.contains(remedy) { kinds.append(remedy) }
        let words = kinds.map { kind in
            let count = remedies.count { $0 == kind }
            return count > 1 ? "\(kind) ×\(count)" : kind
        }
        return words.isEmpty ? "-" : words.joined(separator: ", ")
    }

    private func tools(_ report: SessionReport) -> [String] {
        guard !report.toolCalls.isEmpty else { return [] }
        let rows = report.toolCalls.map { call in
            [
                ReportText.plain(call.name), call.outcome,
                Decimal.padding((call.called - report.summary.started).milliseconds, 3),
                call.answered.map { ReportText.length($0 - call.called) } ?? "-",
            ]
        }
        return [""] + ReportText.table(["TOOL", "OUTCOME", "CALLED", "TOOK"], rows, numbersFrom: 2)
    }

    private func row(_ time: String, _ cells: [String]) -> String {
        var line = String(repeating: " ", count: max(0, Self.timeWidth - time.count)) + time
        for cell in cells {
            line += " │ " + cell + String(repeating: " ", count: max(0, laneWidth - cell.count))
        }
        return String(line.trimmingEnd())
    }

    /// Breaks at spaces, or inside a word that is longer than a line.
    private func wrap(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in ReportText.plain(text).split(separator: " ") {
            var word = word
            if !line.isEmpty, line.count + 1 + word.count > laneWidth {
                lines.append(line)
                line = ""
            }
            while word.count > laneWidth {
                lines.append(String(word.prefix(laneWidth)))
                word = word.dropFirst(laneWidth)
            }
            line += line.isEmpty ? word : " " + word
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }
}

import Basics
import Wire

/// How replays and comparisons are printed.
public enum ReplayText {
    public static func timeline(_ replay: Replay) -> [String] {
        replay.timeline.map { entry in
            "\(time(entry.at))  \(padded(entry.lane, 10))  \(padded(entry.what, 20))  \(entry.text)"
        }
    }

    /// Whether the machine did the same again.
    public static func verdict(_ replay: Replay, _ recording: Recording, version: String)
        -> [String]
    {
        var lines: [String] = []
        if recording.lost > 0 {
            lines.append(
                "\(recording.lost) lines were lost while recording; from there on this is a guess")
        }
        guard let difference = replay.difference else {
            lines.append("identical: \(replay.steps) events, \(replay.deeds) actions and facts")
            return lines
        }
        lines.append(
            "different from line \(difference.line), \(seconds(difference.at)): recorded "
                + "\(listed(difference.recorded)); replayed \(listed(difference.replayed))")
        if recording.header.version != version {
            lines.append(
                "recorded by turnkeeper \(recording.header.version), replayed by \(version)")
        }
        return lines
    }

    public static func comparison(_ comparison: Comparison) -> [String] {
        var lines = comparison.settings.map { "\($0.key): \($0.was) -> \($0.would)" }
        if comparison.settings.isEmpty { lines.append("no setting differs") }
        lines.append("")
        if comparison.isSame {
            lines.append("nothing would have been done differently")
            return lines
        }
        for count in comparison.counts {
            lines.append("\(padded(count.what, 20))  \(count.was) -> \(count.would)")
        }
        if !comparison.counts.isEmpty { lines.append("") }
        var isToldOfGuess = false
        for change in comparison.changes {
            if let from = comparison.guessFrom, change.at > from, !isToldOfGuess {
                lines.append(guess(from))
                isToldOfGuess = true
            }
            lines.append(line(change))
        }
        if let from = comparison.guessFrom, !isToldOfGuess { lines.append(guess(from)) }
        if comparison.leftOut > 0 {
            lines.append(
                "\(comparison.leftOut) recorded messages answered a nudge that would not have been "
                    + "sent: left out")
        }
        for connection in comparison.unanswered {
            lines.append(
                "connection \(connection) is not in the recording: nothing answers it")
        }
        return lines
    }

    private static func guess(_ from: Interval) -> String {
        "-- a guess from \(seconds(from)) on: gemini would have heard something else, and its "
            + "recorded answers may not be what it would have said"
    }

    private static func line(_ change: Comparison.Change) -> String {
        let text = "\(padded(change.what, 20))  \(change.text)"
        return switch change.kind {
        case .gone: "\(time(change.at))  not       \(text)"
        case .new: "\(time(change.at))  instead   \(text)"
        case .moved:
            "\(time(change.at))  moved     \(text), at \(seconds(change.would ?? .zero))"
                + " and not at \(seconds(change.was ?? .zero))"
        }
    }

    private static func listed(_ words: [String]) -> String {
        words.isEmpty ? "nothing" : words.joined(separator: ", ")
    }

    /// `12.404 s`
    static func seconds(_ interval: Interval) -> String {
        let milliseconds = max(0, interval.milliseconds)
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
            + " s"
    }

    private static func time(_ interval: Interval) -> String {
        let text = seconds(interval)
        return String(repeating: " ", count: max(0, 12 - text.count)) + text
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// The same as one JSON document.
public enum ReplayJSON {
    public static func document(
        _ replay: Replay, _ recording: Recording, _ comparison: Comparison?
    ) -> [UInt8] {
        JSONOutput.object { json in
            json.string("session", recording.header.session)
            json.string("tenant", recording.header.tenant)
            json.string("model", recording.model)
            json.string("began", recording.header.began.description)
            json.string("recorded_by", recording.header.version)
            json.integer("events", replay.steps)
            json.integer("lost", recording.lost)
            json.flag("identical", replay.difference == nil)
            if let difference = replay.difference {
                json.object("difference") { json in
                    json.integer("line", difference.line)
                    json.integer("at_ms", difference.at.milliseconds)
                    json.strings("recorded", difference.recorded)
                    json.strings("replayed", difference.replayed)
                }
            }
            json.objects("timeline", replay.timeline) { json, entry in
                json.integer("at_ms", entry.at.milliseconds)
                json.string("lane", entry.lane)
                json.string("what", entry.what)
                json.string("text", entry.text)
            }
            if let comparison {
                json.object("comparison") { Self.members(of: comparison, &$0) }
            }
        }
    }

    private static func members(of comparison: Comparison, _ json: inout JSONOutput) {
        json.objects("settings", comparison.settings) { json, setting in
            json.string("key", setting.key)
            json.string("was", setting.was)
            json.string("would", setting.would)
        }
        json.objects("counts", comparison.counts) { json, count in
            json.string("what", count.what)
            json.integer("was", count.was)
            json.integer("would", count.would)
        }
        json.objects("changes", comparison.changes) { json, change in
            json.string("change", change.kind.rawValue)
            json.string("what", change.what)
            json.string("text", change.text)
            if let was = change.was { json.integer("was_ms", was.milliseconds) }
            if let would = change.would { json.integer("would_ms", would.milliseconds) }
        }
        if let from = comparison.guessFrom { json.integer("guess_from_ms", from.milliseconds) }
        json.integer("messages_left_out", comparison.leftOut)
        json.integers("unanswered_connections", comparison.unanswered)
    }
}

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
        var line = JSONLine()
        line.add("session", recording.header.session)
        line.add("tenant", recording.header.tenant)
        line.add("model", recording.model)
        line.add("began", recording.header.began.description)
        line.add("recorded_by", recording.header.version)
        line.add("events", Int64(replay.steps))
        line.add("lost", recording.lost)
        line.add("identical", json: Array("\(replay.difference == nil)".utf8))
        if let difference = replay.difference {
            var inner = JSONLine()
            inner.add("line", Int64(difference.line))
            inner.add("at_ms", difference.at.milliseconds)
            inner.add("recorded", difference.recorded)
            inner.add("replayed", difference.replayed)
            line.add("difference", json: inner.end())
        }
        line.add(
            "timeline",
            json: list(replay.timeline) { entry, inner in
                inner.add("at_ms", entry.at.milliseconds)
                inner.add("lane", entry.lane)
                inner.add("what", entry.what)
                inner.add("text", entry.text)
            })
        if let comparison { line.add("comparison", json: object(comparison)) }
        return line.end()
    }

    private static func object(_ comparison: Comparison) -> [UInt8] {
        var line = JSONLine()
        line.add(
            "settings",
            json: list(comparison.settings) { setting, inner in
                inner.add("key", setting.key)
                inner.add("was", setting.was)
                inner.add("would", setting.would)
            })
        line.add(
            "counts",
            json: list(comparison.counts) { count, inner in
                inner.add("what", count.what)
                inner.add("was", Int64(count.was))
                inner.add("would", Int64(count.would))
            })
        line.add(
            "changes",
            json: list(comparison.changes) { change, inner in
                inner.add("change", change.kind.rawValue)
                inner.add("what", change.what)
                inner.add("text", change.text)
                if let was = change.was { inner.add("was_ms", was.milliseconds) }
                if let would = change.would { inner.add("would_ms", would.milliseconds) }
            })
        if let from = comparison.guessFrom { line.add("guess_from_ms", from.milliseconds) }
        line.add("messages_left_out", Int64(comparison.leftOut))
        line.add(
            "unanswered_connections",
            json: Array("[\(comparison.unanswered.map(String.init).joined(separator: ","))]".utf8))
        return line.end()
    }

    private static func list<Element>(
        _ elements: [Element], _ body: (Element, inout JSONLine) -> Void
    ) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            var line = JSONLine()
            body(element, &line)
            bytes += line.end()
        }
        return bytes + [UInt8(ascii: "]")]
    }
}

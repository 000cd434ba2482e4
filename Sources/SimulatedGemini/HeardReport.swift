import Basics
import Wire

extension Heard {
    /// The record as text, one line per entry, oldest first within each kind.
    public var report: [String] {
        turns.map(line)
            + toolResponses.map { response in
                "tool    \(response.name) \(response.id): \(response.response)"
                    + (response.wasExpected ? "" : " (no such call was open)")
            }
            + calls.map { "call    \($0.name) \($0.id) (turn \($0.turn))" }
            + seeds.map { "seed    \($0.role): \($0.text)" }
            + resumes.map { "resume  connection \($0.connection) knows turns \($0.remembers)" }
            + nudges.map { nudge in
                "nudge   " + (nudge.turn.map { "for turn \($0)" } ?? "for nothing")
                    + (nudge.isRude ? ", rudely" : "")
            }
            + violations.map { "ILLEGAL \($0.kind) \($0.detail) (connection \($0.connection))" }
            + closes.map { closing in
                "close   \(closing.close.code) \(closing.close.reason) by "
                    + (closing.byService ? "the service" : "the client")
            }
    }

    private func line(_ turn: Turn) -> String {
        var words = ["turn \(turn.number) ", turn.input.rawValue]
        if turn.sound.bytes > 0 {
            let milliseconds = turn.sound.nanoseconds / 1_000_000
            words.append("\(milliseconds) ms, \(turn.sound.bytes) bytes")
            words.append("hash \(String(turn.sound.hash, radix: 16))")
            let marks = turn.sound.turns
            if !marks.isEmpty {
                words.append("of turn \(marks.map(String.init).joined(separator: ", "))")
            }
        }
        if !turn.text.isEmpty { words.append("\"\(turn.text)\"") }
        if turn.frames > 0 { words.append("\(turn.frames) frames") }
        if turn.attempt > 0 { words.append("heard before \(turn.attempt) times") }
        if turn.nudges > 0 { words.append("asked again \(turn.nudges) times") }
        words.append("-> \(turn.outcome.rawValue)")
        if turn.answers > 1 { words.append("\(turn.answers) times") }
        if !turn.reply.isEmpty { words.append("\"\(turn.reply.drop { $0 == " " })\"") }
        if let usage = turn.usage { words.append("\(usage.total) tokens") }
        return words.joined(separator: " ")
    }
}

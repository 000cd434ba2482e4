import Basics
import Ledger
import Policies
import Proxy
import Synchronization

/// Prints a timeline in three lanes, one per party, as it happens.
final class TimelinePrinter: Sendable {
    private static let width = 30

    private struct State {
        var last = ""
        var repeats = 0
        /// Transcripts come word by word; they are printed when the sentence is complete.
        var sentence: TimelineEntry?
        var prevented: [(what: String, count: Int)] = []
    }
    private let state = Mutex(State())

    func begin() {
        Output.result(Self.row("", ["client", "turnkeeper", "gemini"]))
        Output.result(String(repeating: "-", count: 9 + 3 * Self.width))
    }

    func announce(_ title: String) {
        state.withLock { state in
            settle(&state)
            Output.result("\n\(title)")
        }
    }

    func finish() { state.withLock { settle(&$0) } }

    /// Applied rules, by what they did, in the order of their first application.
    var prevented: [(what: String, count: Int)] { state.withLock { $0.prevented } }

    func add(_ entry: TimelineEntry) {
        state.withLock { state in
            switch entry.what {
            case "output_transcription": return hear(entry, &state)
            // Comes with the first word.
            case "first_audio": return put(entry)
            // Normal.
            case Rule.resumptionInserted.rawValue: return
            default: break
            }
            if Rule(rawValue: entry.what) != nil, !entry.text.hasPrefix("would ") {
                count(entry, &state)
                // A rule that applies to frame after frame is printed once.
                if entry.what == state.last { return state.repeats += 1 }
            }
            settle(&state)
            state.last = entry.what
            put(entry)
        }
    }

    private func hear(_ word: TimelineEntry, _ state: inout State) {
        guard var sentence = state.sentence else {
            settle(&state)
            state.sentence = word
            return
        }
        Utterances.join(String(word.text.dropFirst("says: ".count)), to: &sentence.text)
        state.sentence = sentence
    }

    private func count(_ entry: TimelineEntry, _ state: inout State) {
        let what = entry.text.prefix { $0 != "(" }.trimmed
        if let index = state.prevented.firstIndex(where: { $0.what == what }) {
            state.prevented[index].count += 1
        } else {
            state.prevented.append((what, 1))
        }
    }

    private func settle(_ state: inout State) {
        if state.repeats > 0 {
            Output.result(Self.row("", ["", "... and \(state.repeats) more", ""]))
        }
        state.repeats = 0
        state.last = ""
        if let sentence = state.sentence { put(sentence) }
        state.sentence = nil
    }

    private func put(_ entry: TimelineEntry) {
        let milliseconds = entry.at.milliseconds
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        var time = "\(milliseconds / 1000).\(fraction)"
        for line in Self.wrap(entry.text) {
            var cells = ["", "", ""]
            switch entry.lane {
            case .client: cells[0] = line
            case .turnkeeper: cells[1] = line
            case .gemini: cells[2] = line
            }
            Output.result(Self.row(time, cells))
            time = ""
        }
    }

    private static func row(_ time: String, _ cells: [String]) -> String {
        var line = pad(time, 7) + "  "
        for cell in cells {
            line += cell + String(repeating: " ", count: max(1, width - cell.count))
        }
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// Breaks between words; a word longer than a lane is cut.
    private static func wrap(_ text: String) -> [String] {
        let most = width - 2
        var lines = [""]
        for word in text.split(separator: " ") {
            var rest = word
            while !rest.isEmpty {
                let used = lines[lines.count - 1].count
                if used == 0 {
                    lines[lines.count - 1] = String(rest.prefix(most))
                    rest = rest.dropFirst(most)
                } else if used + 1 + rest.count <= most {
                    lines[lines.count - 1] += " " + rest
                    rest = ""
                } else {
                    lines.append("")
                }
            }
        }
        return lines
    }

    static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

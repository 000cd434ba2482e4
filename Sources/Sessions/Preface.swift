import Basics
import Wire

/// Words that are sent along with the next question, and the journal entries they are about.
struct Preface {
    /// Words that belong together.
    struct Entry {
        var words = ""
        /// The results of calls, for the model to know.
        var results: [(call: String, sentence: String)] = []

        var text: String {
            results.isEmpty ? words : ToolCalls.aside(results.map(\.sentence))
        }
    }

    private var entries: [Entry] = []
    private(set) var pieces = 0
    private(set) var ids: [Journal.ID] = []

    var words: String { entries.map(\.text).joined(separator: "\n") }
    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ entry: Entry, pieces: Int, about ids: [Journal.ID]) {
        entries.append(entry)
        self.pieces += pieces
        self.ids += ids
    }

    /// The call was made again meanwhile, and has its result.
    mutating func withdraw(resultOf call: String) {
        for index in entries.indices.reversed() where !entries[index].results.isEmpty {
            entries[index].results.removeAll { $0.call == call }
            guard entries[index].results.isEmpty else { continue }
            entries.remove(at: index)
            pieces -= 1
        }
    }

    /// The message with all these words before its own.
    func inFront(of text: ByteRange, in bytes: [UInt8]) -> [UInt8] {
        var words: [UInt8] = []
        JSONText.append(self.words + "\n\n", to: &words)
        var bytes = bytes
        bytes.insert(contentsOf: words.dropFirst().dropLast(), at: Int(text.lower))
        return bytes
    }
}

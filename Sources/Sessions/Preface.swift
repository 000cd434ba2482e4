import Basics
import Wire

/// Words that are sent along with the next question, and the journal entries they are about.
struct Preface {
    /// Words that belong together.
    struct Entry {
        var words = ""
        /// The beginning of a question, which is in no story before its answer.
        var isQuestion = false
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

    /// The story so far is told otherwise.
    ///
    /// - Returns: The journal entries that this was about.
    mutating func withdrawStory() -> [Journal.ID] {
        entries.removeAll { !$0.isQuestion }
        pieces = entries.count
        defer { ids = [] }
        return ids
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

// What is pending.
extension Uplink {
    /// What the connection knows, and what it is told with the next question.
    var knowledgeToCome: Knowledge {
        guard let preface else { return memory }
        var all = memory
        for id in preface.ids { all.sent(id) }
        return all
    }

    /// The call was made again, and gets its result: nothing about it is left to tell.
    mutating func withdrawPreface(of call: String) {
        preface?.withdraw(resultOf: call)
        if preface?.isEmpty ?? false { preface = nil }
    }

    /// All of the conversation is told at once, and with it what the next question would have told.
    mutating func withdrawStory() -> [Journal.ID] {
        guard var rest = preface else { return [] }
        let ids = rest.withdrawStory()
        preface = rest.isEmpty ? nil : rest
        return ids
    }

    /// True if pending context is lost because nothing can carry it.
    mutating func forgetPreface() -> Bool {
        guard let preface else { return false }
        // It is reported once.
        for id in preface.ids { memory.sent(id) }
        self.preface = nil
        return true
    }
}

/// Maps the messages of one connection to journal entries, by number; the setup has none.
struct SentMessages {
    private var runs: [(first: Int64, ids: Range<Journal.ID>)] = []
    private(set) var count: Int64 = 0
    /// The newest of the client's messages that gemini may refuse for what is written in it.
    private(set) var written: Written?

    struct Written {
        var id: Journal.ID
        /// It was sent on an earlier connection, too.
        var isAgain: Bool
    }

    var first: Journal.ID? { runs.first?.ids.lowerBound }

    /// The order changes when something is replayed, a few times per connection.
    private static let limit = 64

    mutating func add(_ id: Journal.ID) {
        count += 1
        if let last = runs.last, last.ids.upperBound == id {
            runs[runs.count - 1].ids = last.ids.lowerBound..<id + 1
            return
        }
        runs.append((count, id..<id + 1))
        if runs.count > Self.limit { runs.removeFirst() }
    }

    mutating func wrote(_ id: Journal.ID, isAgain: Bool) {
        written = Written(id: id, isAgain: isAgain)
    }

    mutating func forgetWritten() { written = nil }

    func contains(_ id: Journal.ID) -> Bool { runs.contains { $0.ids.contains(id) } }

    func id(ofMessage number: Int64) -> Journal.ID? {
        guard let run = runs.last(where: { $0.first <= number }) else { return nil }
        return min(run.ids.lowerBound + Int(number - run.first), run.ids.upperBound - 1)
    }
}

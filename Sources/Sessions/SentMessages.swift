/// Maps the messages of one connection to journal entries, by number; the setup has none.
struct SentMessages {
    private typealias Run = (first: Int64, ids: Range<Journal.ID>)

    /// Before the newest.
    private var runs: [Run] = []
    /// Beside the list, because nearly every message only extends it.
    private var newest: Run?
    private(set) var count: Int64 = 0
    /// The newest of the client's messages that gemini may refuse for what is written in it.
    private(set) var written: Written?

    struct Written {
        var id: Journal.ID
        /// It was sent on an earlier connection, too.
        var isAgain: Bool
    }

    var first: Journal.ID? { (runs.first ?? newest)?.ids.lowerBound }

    /// The order changes when something is replayed, a few times per connection.
    private static let limit = 64

    mutating func add(_ id: Journal.ID) {
        count += 1
        if let run = newest {
            if run.ids.upperBound == id {
                newest = (run.first, run.ids.lowerBound..<id + 1)
                return
            }
            runs.append(run)
            if runs.count >= Self.limit { runs.removeFirst() }
        }
        newest = (count, id..<id + 1)
    }

    mutating func wrote(_ id: Journal.ID, isAgain: Bool) {
        written = Written(id: id, isAgain: isAgain)
    }

    mutating func forgetWritten() { written = nil }

    func contains(_ id: Journal.ID) -> Bool {
        newest?.ids.contains(id) ?? false || runs.contains { $0.ids.contains(id) }
    }

    func id(ofMessage number: Int64) -> Journal.ID? {
        let isNewest = newest.map { $0.first <= number } ?? false
        guard let run = isNewest ? newest : runs.last(where: { $0.first <= number }) else {
            return nil
        }
        return min(run.ids.lowerBound + Int(number - run.first), run.ids.upperBound - 1)
    }
}

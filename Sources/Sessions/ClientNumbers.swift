/// Maps journal entries to the client's messages, by number: our own messages lie between them, and
/// some of the client's were never sent.
struct ClientNumbers {
    /// From each of these entries on, every entry is the next message, until the next run or the
    /// last message.
    private var runs: [(id: Journal.ID, number: Int64)] = []
    private var last: Int64 = 0
    private var said: Int64 = 0

    /// An index refers to a message of at most a few turns ago.
    private static let limit = 1024

    /// The number of the client's current message.
    mutating func next() -> Int64 {
        said += 1
        return said
    }

    mutating func add(_ number: Int64, at id: Journal.ID) {
        last = max(last, number)
        if let run = runs.last, number - run.number == Int64(id - run.id) { return }
        runs.append((id, number))
        if runs.count > Self.limit { runs.removeFirst() }
    }

    /// The client's last message that was sent as this entry or before it.
    func number(at id: Journal.ID) -> Int64 {
        guard let index = runs.lastIndex(where: { $0.id <= id }) else { return 0 }
        let run = runs[index]
        let number = min(run.number + Int64(id - run.id), last)
        return index + 1 < runs.count ? min(number, runs[index + 1].number - 1) : number
    }
}

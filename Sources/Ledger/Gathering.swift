import Synchronization

/// Questions of one kind that may wait together: those that do when the turn of the first has come are
/// one statement. Where a node dies, hundreds of clients ask the others at once, and asked one after
/// the other the last would wait hundreds of round trips for its turn.
final class Gathering<Item: Sendable, Answer: Sendable>: Sendable {
    typealias Work = @Sendable ([Item], Postgres) throws(LedgerError) -> [Answer]
    typealias Receive = @Sendable (Result<Answer, SharedState.Failure>) -> Void

    private let waiting = Mutex<[(item: Item, receive: Receive)]>([])
    private let shared: SharedState
    private let most: Int

    /// - Parameter most: Items of one statement.
    init(_ shared: SharedState, most: Int) {
        self.shared = shared
        self.most = most
    }

    /// - Parameters:
    ///   - work: The same for all of this kind. Called on the thread of `shared`; has an answer for
    ///     each item, in their order.
    ///   - receive: As for `SharedState.ask`.
    func ask(_ item: Item, _ work: @escaping Work, then receive: @escaping Receive) {
        let isFirst = waiting.withLock { waiting in
            waiting.append((item, receive))
            return waiting.count == 1
        }
        if isFirst { askForAll(work) }
    }

    private func askForAll(_ work: @escaping Work) {
        let taken = Taken(work)
        shared.ask { [self] (postgres) throws(LedgerError) in
            try work(taken.take(from: self).map(\.item), postgres)
        } then: { [self] result in
            // Now, if it did not come to its turn.
            for (index, one) in taken.take(from: self).enumerated() {
                one.receive(result.map { $0[index] })
            }
        }
    }

    /// What one question is about.
    private final class Taken: Sendable {
        private let work: Work
        private let items = Mutex<[(item: Item, receive: Receive)]?>(nil)

        init(_ work: @escaping Work) { self.work = work }

        /// What waits, at the first call; the rest is another question.
        func take(from gathering: Gathering) -> [(item: Item, receive: Receive)] {
            items.withLock { items in
                if let items { return items }
                let (taken, isRest) = gathering.waiting.withLock { waiting in
                    let taken = Array(waiting.prefix(gathering.most))
                    waiting.removeFirst(taken.count)
                    return (taken, !waiting.isEmpty)
                }
                items = taken
                if isRest { gathering.askForAll(work) }
                return taken
            }
        }
    }
}

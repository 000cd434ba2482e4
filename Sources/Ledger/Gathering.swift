import Synchronization

/// Combines waiting queries of one kind: those that wait when the first is due become one
/// statement. When a node dies, hundreds of clients ask the others at once; one query after the
/// other, the last would wait hundreds of round trips.
final class Gathering<Item: Sendable, Answer: Sendable>: Sendable {
    typealias Work = @Sendable ([Item], Postgres) throws(LedgerError) -> [Answer]
    typealias Receive = @Sendable (Result<Answer, SharedState.Failure>) -> Void

    private let waiting = Mutex<[(item: Item, receive: Receive)]>([])
    private let shared: SharedState
    private let most: Int

    /// - Parameter most: The number of items per statement.
    init(_ shared: SharedState, most: Int) {
        self.shared = shared
        self.most = most
    }

    /// - Parameters:
    ///   - work: The same for all queries of this kind. Called on the thread of `shared`; returns
    ///   an answer for each item, in their order.
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
            // Takes them now if the query was never run.
            for (index, one) in taken.take(from: self).enumerated() {
                one.receive(result.map { $0[index] })
            }
        }
    }

    /// The items of one query.
    private final class Taken: Sendable {
        private let work: Work
        private let items = Mutex<[(item: Item, receive: Receive)]?>(nil)

        init(_ work: @escaping Work) { self.work = work }

        /// On the first call, the waiting items; the rest belongs to another query.
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

import Wire

// Calls that the current connection has not made, and may not make.
extension ToolCalls {
    /// The question was sent again on this connection, or another is asked there: calls that it did
    /// not make again, it will not make, and it does not wait for results that it was not told.
    ///
    /// - Parameter isMovedOn: The user asks another: results of tools that hold up the turn are no
    ///   longer awaited.
    mutating func leave(on connection: ConnectionID, isMovedOn: Bool) {
        for index in calls.indices
        where calls[index].mayBeLeft(on: connection)
            && !(calls[index].isDue && (calls[index].isFree || !isMovedOn))
        {
            calls[index].isLeft = true
            calls[index].isAbandoned = true
        }
    }

    /// Whether there are any.
    func mayLeave(on connection: ConnectionID) -> Bool {
        calls.contains { $0.mayBeLeft(on: connection) }
    }

    /// Calls from a question that is sent again may be made again. The new connection knows the
    /// questions of the others, or was told about them: it does not wait for results that came
    /// meanwhile.
    ///
    /// - Parameters:
    ///   - first: The first question that is sent again; `nil` if none is.
    ///   - known: What the handle knows.
    mutating func saidAgain(
        from first: Journal.ID?, on connection: ConnectionID, knowing known: IDSet
    ) {
        for index in calls.indices {
            calls[index].isAskedAgain = first.map { calls[index].end > $0 } ?? false
            let isStillDue = calls[index].isDue && calls[index].isFree
            if calls[index].isDead, !isStillDue, !calls[index].isAskedAgain {
                calls[index].isLeft = true
            }
            if calls[index].isUnheard(on: connection, knowing: known) { calls[index].isLeft = true }
        }
    }

    /// The results of such calls, in words, once.
    ///
    /// - Parameters:
    ///   - end: The journal's.
    ///   - memory: The connection's, with what it is about to be told: it may contain them as part
    ///   of the conversation.
    mutating func takeLeft(
        at end: Journal.ID, besides memory: Knowledge
    ) -> Left? {
        if calls.isEmpty { return nil }
        var (ids, about): ([String], [Journal.ID]) = ([], [])
        for index in calls.indices
        where calls[index].isLeft && !calls[index].isTold && calls[index].result != nil {
            calls[index].isTold = true
            if let noted = calls[index].resultID, calls[index].isNoted {
                if memory.has(noted) { continue }
                about.append(noted)
            } else {
                calls[index].resultID = end
            }
            ids.append(calls[index].id)
        }
        let left = left(ids, about: about)
        return left.results.isEmpty ? nil : left
    }

    /// The results of calls that will not be repeated were told, and are kept until the answer.
    mutating func told(_ ids: [String], at end: Journal.ID) {
        for index in calls.indices where ids.contains(calls[index].id) {
            calls[index].resultID = end
            calls[index].isLeft = true
            calls[index].isTold = true
        }
    }

    /// The connection that was told is gone, and has not answered.
    mutating func forgetTelling() { for index in calls.indices { calls[index].isTold = false } }

    func left(_ ids: [String], about: [Journal.ID] = []) -> Left {
        let calls = calls.filter { ids.contains($0.id) && $0.result != nil }
        return Left(results: calls.map { ($0.id, $0.inWords) }, about: about)
    }

    /// Results of calls that no connection waits for.
    struct Left {
        var results: [(call: String, words: InWords)]
        /// Which words of the conversation it is.
        var about: [Journal.ID]

        var words: InWords? { InWords(results.map(\.words)) }
        var sentences: [(call: String, sentence: String)] { results.map { ($0, $1.text) } }
    }

    /// The model must know it, and say nothing.
    static func aside(_ sentences: [String]) -> String {
        "(For you to know, not to answer: \(sentences.joined(separator: " ")))"
    }
}

extension ToolCalls.Call {
    /// It has a result that asks nothing, of which this connection knows nothing.
    fileprivate func isUnheard(on connection: ConnectionID, knowing known: IDSet) -> Bool {
        guard scheduling == .silent, self.connection != connection, !isNoted, !isAskedAgain,
            let resultID
        else { return false }
        return !known.contains(resultID)
    }

    /// The connection was asked the question that led to it, and has not called; or was not told
    /// its result.
    fileprivate func mayBeLeft(on connection: ConnectionID) -> Bool {
        !isCancelled
            && (self.connection != connection && isAskedAgain
                || result != nil && !isKnown(on: connection))
    }
}

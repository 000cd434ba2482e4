// Calls that the current connection has not made, and may not make.
extension ToolCalls {
    /// The question was said again on this connection, or another is asked there: what it did not call
    /// again it will not, and nobody waits for results that it was not told.
    mutating func leave(on connection: ConnectionID) {
        for index in calls.indices
        where calls[index].mayBeLeft(on: connection) {
            calls[index].isLeft = true
            calls[index].isAbandoned = true
        }
    }

    /// Whether there are any.
    func mayLeave(on connection: ConnectionID) -> Bool {
        calls.contains { $0.mayBeLeft(on: connection) }
    }

    /// Calls that came of a question which is said again may be made again. The new connection knows
    /// the questions of the others, or was told of them: nobody waits for results that came meanwhile.
    ///
    /// - Parameter first: The first question that is said again; `nil` if none is.
    mutating func saidAgain(from first: Journal.ID?) {
        for index in calls.indices {
            calls[index].isAskedAgain = first.map { calls[index].end > $0 } ?? false
            if calls[index].isDead, !calls[index].isAskedAgain { calls[index].isLeft = true }
        }
    }

    /// What came of such calls, in words, once.
    ///
    /// - Parameters:
    ///   - end: The journal's.
    ///   - memory: The connection's: it may have it as part of the conversation.
    /// - Returns: And which words of the conversation it is.
    mutating func takeLeft(
        at end: Journal.ID, besides memory: Knowledge
    ) -> (words: String, about: [Journal.ID])? {
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
        return words(of: ids).map { ($0, about) }
    }
}

extension ToolCalls.Call {
    /// The connection was asked what led to it, and has not called; or was not told its result.
    fileprivate func mayBeLeft(on connection: ConnectionID) -> Bool {
        !isCancelled
            && (self.connection != connection && isAskedAgain
                || result != nil && !isKnown(on: connection))
    }
}

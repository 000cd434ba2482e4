// Calls that a handle may carry over to a new connection.
extension ToolCalls {
    mutating func settle(open: Int, _ isOver: (Call) -> Bool) {
        // Called at every turn's end, and most conversations have no calls.
        if calls.isEmpty, settled.isEmpty { return }
        settled = (settled + calls.filter(isOver)).filter { $0.number <= open }.suffix(Self.limit)
        calls.removeAll(where: isOver)
    }

    /// By number: calls made on the connection, or carried over to it. A session that began afresh
    /// knows none of the earlier ones, and a resumed one none made after its handle.
    func known(on connection: ConnectionID) -> IDSet {
        var numbers = IDSet()
        for call in settled + calls where call.connection == connection {
            numbers.insert(call.number)
        }
        return numbers
    }

    /// A handle issued after a call may have carried it over to a new connection. If the call let
    /// the conversation continue, the new connection does not show whether it knows it: the result
    /// is told in words. A refused call is not known.
    ///
    /// - Parameter known: The calls that the handle knows.
    mutating func carriedOver(by known: IDSet, to connection: ConnectionID) {
        let reopened = settled.filter { known.contains($0.number) }.map(\.reopened)
        settled.removeAll { known.contains($0.number) }
        calls.insert(contentsOf: reopened, at: 0)
        for index in calls.indices
        where known.contains(calls[index].number) && !calls[index].isFree
            && !calls[index].isRefused
        {
            if calls[index].connection != connection { calls[index].isCarried = true }
            calls[index].connection = connection
        }
    }
}

extension ToolCalls.Call {
    /// The same call for a service that has yet to get its result: the client has given it, and the
    /// model of an earlier connection used it.
    fileprivate var reopened: ToolCalls.Call {
        var call = self
        (call.isTold, call.isNoted, call.resultID) = (true, true, nil)
        return call
    }
}

// Calls that a handle may carry over to a new connection.
extension ToolCalls {
    mutating func settle(open: Int, _ isOver: (Call) -> Bool) {
        // Every turn's end asks, and most conversations have no calls.
        if calls.isEmpty, settled.isEmpty { return }
        settled = (settled + calls.filter(isOver)).filter { $0.number <= open }.suffix(Self.limit)
        calls.removeAll(where: isOver)
    }

    /// By number: those that were made on the connection, or carried over to it. A session that began
    /// afresh knows none of the ones before, and a resumed one none of those made behind its handle.
    func known(on connection: ConnectionID) -> IDSet {
        var numbers = IDSet()
        for call in settled + calls where call.connection == connection {
            numbers.insert(call.number)
        }
        return numbers
    }

    /// A handle issued after a call may have carried it over to a new connection. Whether that one
    /// knows a call that let the conversation continue, it will not show: the result is told in
    /// words. One that was refused is not known.
    ///
    /// - Parameter known: Those that the handle knows.
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
    /// The same to a service that has yet to get its result: the client has given it, and the
    /// model of an earlier connection used it.
    fileprivate var reopened: ToolCalls.Call {
        var call = self
        (call.isTold, call.isNoted, call.resultID) = (true, true, nil)
        return call
    }
}

// Results that no service takes.
extension ToolCalls {
    /// It needs no other result. Its id is kept, because one may still come.
    mutating func finish(_ index: Int) {
        calls[index].shown = []
        guard !calls[index].id.isEmpty else { return }
        let hash = calls[index].id.hashValue
        finished.removeAll { $0 == hash }
        finished.append(hash)
        if finished.count > Self.mostCalls { finished.removeFirst() }
    }

    /// Gemini gives another call the id of one that is over, on the same connection.
    mutating func reopen(_ index: Int) {
        calls[index].reopen()
        isMeantAnew(calls[index].id)
    }

    /// The id is given to another call.
    mutating func isMeantAnew(_ id: String) { finished.removeAll { $0 == id.hashValue } }

    /// A result for a call that is not remembered: whether it is known that no connection waits for
    /// it. Otherwise it is gemini's to judge.
    func isStray(_ id: String, on connection: ConnectionID) -> Bool {
        isForOthers || unkept.isForeign(to: connection)
            || !id.isEmpty && finished.contains(id.hashValue)
    }
}

extension ToolCalls.Call {
    fileprivate mutating func reopen() {
        (result, pieces, responseRange, partsRange) = (nil, [], 0..<0, 0..<0)
        (isCancelled, isAbandoned, isNoted, isTold) = (false, false, false, false)
    }

    /// Another result for it is dropped and counted: the service would ignore it, or close the
    /// connection on it, and either way the user gains nothing.
    ///
    /// * Gemini has cancelled it. What a service does with a late result is not recorded, but all
    ///   that was ever reported is that it goes nowhere or is an error (wire reference 14, where the
    ///   advice is to forward it; failure catalogue 8.3). An error would cost the answer to what
    ///   the user has said since. A tool that may go on is not cancelled by what is said meanwhile,
    ///   so nothing that is awaited is lost.
    /// * It has its whole result: of a call without `willContinue`, or with its last piece, the
    ///   service considers no other (8.4).
    var takesNoResult: Bool { isCancelled || result != nil }
}

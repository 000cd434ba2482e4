import Basics

// The session's room that calls and results may take.
extension ToolCalls {
    /// Bytes kept. Read with every message, and counted only after a change.
    var size: Int {
        @inline(__always) mutating get {
            if !isCounted { count() }
            return counted
        }
    }

    private mutating func count() {
        counted =
            calls.reduce(0) { $0 + $1.size } + settled.reduce(0) { $0 + $1.size }
            + beginnings.reduce(0) { $0 + $1.footprint } + Footprint.of(finished.count, Int.self)
            + unkept.size
        isCounted = true
    }

    /// Less may be kept: what is there for a returning client goes first. Results give way, those
    /// that were sent before those that were not, and older ones first. If names alone are too
    /// much, calls are forgotten.
    ///
    /// - Returns: A result had to go.
    mutating func shrink(to bytes: Int) -> Bool {
        guard size > bytes else { return false }
        for index in calls.indices where size > bytes { calls[index].shown = [] }
        var hasForgotten = false
        for index in settled.indices where size > bytes {
            if settled[index].forgetResult() { hasForgotten = true }
        }
        for isSent in [true, false] {
            for index in calls.indices
            where (calls[index].resultID != nil) == isSent && size > bytes {
                if calls[index].forgetResult() { hasForgotten = true }
            }
        }
        if size > bytes { unkept.forget() }
        if size > bytes { finished = [] }
        while size > bytes, !settled.isEmpty { settled.removeFirst() }
        while size > bytes, let index = calls.firstIndex(where: { !$0.isOpen }) {
            calls.remove(at: index)
        }
        return hasForgotten
    }
}

extension ToolCalls.Call {
    /// Bytes kept.
    var size: Int {
        Footprint.of(1, Self.self) + Footprint.of([id, name, alias ?? ""])
            + Footprint.of(twins) + Footprint.of(result ?? []) + Footprint.of(pieces)
            + Footprint.of(shown)
    }

    /// There is no room for its result, so it gets an error: if the call is made again, its tool
    /// must not run twice, and the model is told.
    ///
    /// - Returns: It had a longer result.
    mutating func forgetResult() -> Bool {
        guard let result else { return false }
        let head = ToolCalls.head(id: id, name: name)
        let why = Array(#"{"error":"the result was too large to be kept"}"#.utf8)
        guard result.count + pieces.count > head.count + why.count + 1 else { return false }
        pieces = []
        responseRange = head.count..<head.count + why.count
        partsRange = 0..<0
        self.result = head + why + Array("}".utf8)
        return true
    }
}

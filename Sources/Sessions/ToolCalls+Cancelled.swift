import Basics
import Wire

// Calls that gemini withdraws.
extension ToolCalls {
    /// `toolCallCancellation`: results for these calls are useless. A call that a replay made void
    /// will be made again: the client continues with it.
    ///
    /// - Returns: The ids as the client knows them; `nil` if they are unchanged.
    mutating func cancelled(
        _ cancellation: ByteRange, in payload: Span<UInt8>, connection: ConnectionID
    ) -> [ElementEdit]? {
        var edits: [ElementEdit] = []
        var reader = ToolReader(cancelled: cancellation, in: payload)
        while let id = reader.nextCancelled(in: payload) {
            let id = JSONText.unescape(payload, id)
            edits.append(cancel(id, connection: connection))
        }
        return edits.contains { $0 != .keep } ? edits : nil
    }

    private mutating func cancel(_ id: String, connection: ConnectionID) -> ElementEdit {
        for index in calls.indices { calls[index].twins.removeAll { $0 == id } }
        let isHere = { (call: Call) in call.connection == connection && call.geminiID == id }
        guard
            let index = calls.lastIndex(where: isHere)
                ?? calls.lastIndex(where: { $0.geminiID == id })
        else { return .keep }
        if calls[index].isAskedAgain,
            calls[index].isCarried || calls[index].connection != connection
        {
            calls[index].connection = 0
            return .drop
        }
        calls[index].isCancelled = true
        finish(index)
        return calls[index].alias == nil ? .keep : .ids([calls[index].id])
    }
}

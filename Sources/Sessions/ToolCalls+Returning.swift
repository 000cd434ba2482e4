import Basics
import Wire

// Calls that a client left with, and has not answered when it returns.
extension ToolCalls {
    /// Keeps how the client is shown a call, as far as it fits.
    ///
    /// - Parameter pieces: The pieces that waited for this one, as they are shown.
    /// - Returns: The bytes that this takes.
    mutating func keep(
        _ pieces: [[UInt8]], _ call: ToolCall, _ payload: Span<UInt8>, of index: Int, room: Int
    ) -> Int {
        let size = pieces.reduce(call.value.count) { $0 + $1.count }
        guard size <= room, !calls[index].isContinued || !calls[index].shown.isEmpty else {
            // Half a call is of no use.
            calls[index].shown = []
            return 0
        }
        let own = Self.copy(call.value, payload)
        let isRenamed = calls[index].alias != nil
        let shown = isRenamed ? Self.element(own, under: calls[index].id) : own
        calls[index].shown += pieces + [shown]
        return size
    }

    /// The client has left: whether it still knows its calls when it returns is unknown.
    mutating func clientLeft() {
        for index in calls.indices { calls[index].isLeftBehind = true }
    }

    /// The client has returned: messages with the calls whose results are still awaited, unchanged.
    /// A client that has lost them can answer now; one that still works on them recognises them by
    /// their ids.
    mutating func showAgain() -> [[UInt8]] {
        var messages: [(at: Instant, isWhole: Bool, elements: [[UInt8]])] = []
        for index in calls.indices where calls[index].isLeftBehind {
            calls[index].isLeftBehind = false
            let call = calls[index]
            guard call.isOpen, !call.isAbandoned, !call.shown.isEmpty else { continue }
            let isWhole = call.shown.count == 1 && !call.isPartial
            if isWhole, let last = messages.last, last.isWhole, last.at == call.at {
                messages[messages.count - 1].elements += call.shown
            } else {
                messages += call.shown.map { (call.at, isWhole, [$0]) }
            }
        }
        return messages.map { Compose.toolCall($0.elements) }
    }
}

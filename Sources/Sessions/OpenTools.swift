import Basics
import Wire

/// Tool calls gemini waits for, by id. Calls without an id (Vertex may send such) are counted
/// under the empty one.
struct OpenTools {
    private var ids: [String] = []

    var isEmpty: Bool { ids.isEmpty }

    mutating func called(_ message: ServerMessage, in payload: Span<UInt8>) {
        var reader = ToolReader(calls: message.tool, in: payload)
        while let call = reader.nextCall(in: payload) {
            let id = JSONText.unescape(payload, call.id)
            if id.isEmpty || !ids.contains(id) { ids.append(id) }
        }
    }

    mutating func cancelled(_ message: ServerMessage, in payload: Span<UInt8>) {
        var reader = ToolReader(cancelled: message.cancellation, in: payload)
        while let id = reader.nextCancelled(in: payload) { remove(JSONText.unescape(payload, id)) }
    }

    mutating func answered(_ message: ClientMessage, in payload: Span<UInt8>) {
        var reader = ToolReader(answers: message.value, in: payload)
        while let answer = reader.nextAnswer(in: payload) {
            if !answer.willContinue { remove(JSONText.unescape(payload, answer.id)) }
        }
    }

    /// An interruption ends what the model was waiting for.
    mutating func clear() { ids = [] }

    private mutating func remove(_ id: String) {
        if let index = ids.firstIndex(of: id) { ids.remove(at: index) }
    }
}

import Basics
import Wire

/// Tool calls gemini waits for, by id. Calls without an id (Vertex may send such) are counted
/// under the empty one.
struct OpenTools {
    private var calls: [(id: String, blocks: Bool)] = []

    var isEmpty: Bool { calls.isEmpty }
    /// Some open call keeps the model from listening.
    var block: Bool { calls.contains(where: \.blocks) }

    /// `free`: names of the tools that let the conversation go on.
    mutating func called(_ message: ServerMessage, in payload: Span<UInt8>, free: [String]) {
        var reader = ToolReader(calls: message.tool, in: payload)
        while let call = reader.nextCall(in: payload) {
            let id = JSONText.unescape(payload, call.id)
            guard id.isEmpty || !calls.contains(where: { $0.id == id }) else { continue }
            let isFree = !free.isEmpty && free.contains(JSONText.unescape(payload, call.name))
            calls.append((id, !isFree))
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
    mutating func clear() { calls = [] }

    private mutating func remove(_ id: String) {
        if let index = calls.firstIndex(where: { $0.id == id }) { calls.remove(at: index) }
    }
}

public import Basics
import Policies
import Sessions
import Wire

/// Whatever the remedies did, what the client receives reads as one well-behaved conversation with
/// one service: one `setupComplete`, first; nothing of an answer after its end; every `interrupted`
/// followed by its `turnComplete` before anything new is said; no call shown twice.
public struct ServerGrammar: Sendable {
    private var isSetUp = false
    private var isGenerated = false
    private var interruptedAt: Instant?
    private var calls: Set<String> = []

    public init() {}

    /// Takes the next message the client received; says what is wrong with it.
    public mutating func take(_ bytes: [UInt8], at now: Instant) -> String? {
        guard let message = try? ServerMessage.scan(bytes.span) else { return nil }
        if message.members.contains(.setupComplete) {
            if isSetUp { return "a second setupComplete" }
            isSetUp = true
        } else if !isSetUp, message.members.contains(.serverContent) {
            return "content before setupComplete"
        }
        let content = message.content
        let speaks = !content.isDisjoint(with: [.audio, .text])
        if speaks, isGenerated { return "more of an answer after generationComplete" }
        if speaks, interruptedAt != nil, !content.contains(.interrupted) {
            return "a new answer before the turnComplete of the interrupted one"
        }
        if content.contains(.generationComplete) { isGenerated = true }
        if content.contains(.interrupted) { interruptedAt = now }
        if content.contains(.turnComplete) {
            interruptedAt = nil
            isGenerated = false
        }
        if content.contains(.interrupted), !content.contains(.turnComplete) { isGenerated = false }
        return readCalls(message, bytes)
    }

    private mutating func readCalls(_ message: ServerMessage, _ bytes: [UInt8]) -> String? {
        var reader = ToolReader(calls: message.tool, in: bytes.span)
        while let call = reader.nextCall(in: bytes.span) {
            let id = JSONText.unescape(bytes.span, call.id)
            if !id.isEmpty, !calls.insert(id).inserted { return "call \(id) came twice" }
        }
        return nil
    }

    /// Once the client has heard the last of it.
    public func finish(at now: Instant) -> String? {
        guard let interruptedAt, now - interruptedAt > .seconds(8) else { return nil }
        return "an interrupted answer was never completed"
    }
}

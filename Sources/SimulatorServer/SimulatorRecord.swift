import Basics
public import SimulatedGemini
import Wire

/// What the simulated service received, as a value that may cross threads.
public struct SimulatorRecord: Sendable {
    public struct Conversation: Sendable {
        public var number: Int
        public var model: String
        /// Connections that carried it so far.
        public var connections: Int
        public var heard: Heard
    }

    /// In order of set-up.
    public var conversations: [Conversation]
    /// Of all conversations, and of connections that never became one.
    public var violations: [Heard.Violation]
    public var liveConnections: Int

    init(_ service: SimulatedService, liveConnections: Int) {
        conversations = service.conversations.map {
            Conversation(
                number: $0.number, model: $0.model, connections: $0.connections, heard: $0.heard)
        }
        violations = service.violations
        self.liveConnections = liveConnections
    }

    /// For tests in other languages: `{"live_connections","conversations":[{"number","model",
    /// "connections","turns":[...],"tool_responses":[...],"closes":[...],"handles":[...],
    /// "resumes":[...],"seeds":[...],"nudges":[...],"calls":[...]}],"violations":[...]}`.
    /// Times are nanoseconds of the monotonic clock.
    public var json: [UInt8] {
        var json = JSONBuilder()
        json.object { json in
            json.field("live_connections", liveConnections)
            json.list("conversations", conversations) { json, conversation in
                json.field("number", conversation.number)
                json.field("model", conversation.model)
                json.field("connections", conversation.connections)
                json.list("turns", conversation.heard.turns, Self.turn)
                json.list("tool_responses", conversation.heard.toolResponses, Self.toolResponse)
                json.list("closes", conversation.heard.closes) { json, closing in
                    json.field("connection", closing.connection)
                    json.field("code", Int(closing.close.code))
                    json.field("reason", closing.close.reason)
                    json.field("by", closing.byService ? "service" : "client")
                    json.field("at", Int(closing.at.nanoseconds))
                }
                Self.recovery(&json, conversation.heard)
            }
            json.list("violations", violations) { json, violation in
                json.field("kind", violation.kind.rawValue)
                json.field("connection", violation.connection)
                json.field("detail", violation.detail)
                json.field("at", Int(violation.at.nanoseconds))
            }
        }
        return json.bytes
    }

    /// How the conversation was restored, and what the model knew then.
    private static func recovery(_ json: inout JSONBuilder, _ heard: Heard) {
        json.list("handles", heard.handles) { json, handle in
            json.field("connection", handle.connection)
            json.field("handle", handle.handle)
            json.field("covers", handle.covers)
            json.field("at", Int(handle.at.nanoseconds))
        }
        json.list("resumes", heard.resumes) { json, resume in
            json.field("connection", resume.connection)
            json.field("handle", resume.handle)
            json.field("remembers", resume.remembers)
            json.field("at", Int(resume.at.nanoseconds))
        }
        json.list("seeds", heard.seeds) { json, seed in
            json.field("connection", seed.connection)
            json.field("role", seed.role)
            json.field("text", seed.text)
        }
        json.list("nudges", heard.nudges) { json, nudge in
            json.field("connection", nudge.connection)
            json.field("turn", nudge.turn ?? 0)
            json.field("is_rude", nudge.isRude)
            json.field("at", Int(nudge.at.nanoseconds))
        }
        json.list("calls", heard.calls) { json, call in
            json.field("connection", call.connection)
            json.field("id", call.id)
            json.field("name", call.name)
            json.field("turn", call.turn)
            json.field("at", Int(call.at.nanoseconds))
        }
    }

    private static func turn(_ json: inout JSONBuilder, _ turn: Heard.Turn) {
        json.field("number", turn.number)
        json.field("connection", turn.connection)
        json.field("input", turn.input.rawValue)
        json.field("outcome", turn.outcome.rawValue)
        json.field("attempt", turn.attempt)
        json.field("stamp", turn.stamp)
        json.field("answers", turn.answers)
        json.field("nudges", turn.nudges)
        json.field("context", turn.context)
        json.field("text", turn.text)
        json.field("audio_bytes", turn.sound.bytes)
        // As text: not every JSON reader supports 64 bits.
        json.field("audio_hash", String(turn.sound.hash, radix: 16))
        json.field("audio_rate", turn.sound.rate)
        json.field("marks", turn.sound.turns)
        json.field("frames", turn.frames)
        json.field("reply", turn.reply)
        json.field("reply_bytes", turn.replyBytes)
        json.field("started_at", Int(turn.startedAt.nanoseconds))
        json.field("ended_at", Int(turn.endedAt.nanoseconds))
        if let usage = turn.usage {
            json.field("prompt_tokens", usage.prompt)
            json.field("prompt_audio_tokens", usage.promptAudio)
            json.field("response_tokens", usage.response)
            json.field("thoughts_tokens", usage.thoughts)
        }
    }

    private static func toolResponse(_ json: inout JSONBuilder, _ response: Heard.ToolResponse) {
        json.field("connection", response.connection)
        json.field("id", response.id)
        json.field("name", response.name)
        json.field("response", response.response)
        json.field("was_expected", response.wasExpected)
        json.field("at", Int(response.at.nanoseconds))
    }
}

/// Just enough JSON to write a record.
struct JSONBuilder {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func object(_ body: (inout JSONBuilder) -> Void) {
        separate()
        put("{")
        body(&self)
        put("}")
        needsComma = true
    }

    mutating func list<Item>(
        _ name: String, _ items: [Item], _ body: (inout JSONBuilder, Item) -> Void
    ) {
        key(name)
        put("[")
        for item in items { object { body(&$0, item) } }
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    mutating func field(_ name: String, _ value: Int) { raw(name, "\(value)") }
    mutating func field(_ name: String, _ value: Bool) { raw(name, "\(value)") }
    mutating func field(_ name: String, _ values: [Int]) {
        raw(name, "[" + values.map { "\($0)" }.joined(separator: ",") + "]")
    }
    mutating func field(_ name: String, _ value: String) {
        key(name)
        text(value)
        needsComma = true
    }

    private mutating func raw(_ name: String, _ value: String) {
        key(name)
        put(value)
        needsComma = true
    }

    private mutating func key(_ name: String) {
        separate()
        text(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func separate() { if needsComma { bytes.append(UInt8(ascii: ",")) } }

    private mutating func put(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        needsComma = false
    }

    private mutating func text(_ value: String) {
        JSONText.append(value, to: &bytes)
    }
}

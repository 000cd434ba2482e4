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
        JSONOutput.object { json in
            json.integer("live_connections", liveConnections)
            json.objects("conversations", conversations) { json, conversation in
                json.integer("number", conversation.number)
                json.string("model", conversation.model)
                json.integer("connections", conversation.connections)
                json.objects("turns", conversation.heard.turns, Self.turn)
                json.objects("tool_responses", conversation.heard.toolResponses, Self.toolResponse)
                json.objects("closes", conversation.heard.closes) { json, closing in
                    json.integer("connection", closing.connection)
                    json.integer("code", closing.close.code)
                    json.string("reason", closing.close.reason)
                    json.string("by", closing.byService ? "service" : "client")
                    json.integer("at", closing.at.nanoseconds)
                }
                Self.recovery(&json, conversation.heard)
            }
            json.objects("violations", violations) { json, violation in
                json.string("kind", violation.kind.rawValue)
                json.integer("connection", violation.connection)
                json.string("detail", violation.detail)
                json.integer("at", violation.at.nanoseconds)
            }
        }
    }

    /// How the conversation was restored, and what the model knew then.
    private static func recovery(_ json: inout JSONOutput, _ heard: Heard) {
        json.objects("handles", heard.handles) { json, handle in
            json.integer("connection", handle.connection)
            json.string("handle", handle.handle)
            json.integers("covers", handle.covers)
            json.integer("at", handle.at.nanoseconds)
        }
        json.objects("resumes", heard.resumes) { json, resume in
            json.integer("connection", resume.connection)
            json.string("handle", resume.handle)
            json.integers("remembers", resume.remembers)
            json.integer("at", resume.at.nanoseconds)
        }
        json.objects("seeds", heard.seeds) { json, seed in
            json.integer("connection", seed.connection)
            json.string("role", seed.role)
            json.string("text", seed.text)
        }
        json.objects("nudges", heard.nudges) { json, nudge in
            json.integer("connection", nudge.connection)
            json.integer("turn", nudge.turn ?? 0)
            json.flag("is_rude", nudge.isRude)
            json.integer("at", nudge.at.nanoseconds)
        }
        json.objects("calls", heard.calls) { json, call in
            json.integer("connection", call.connection)
            json.string("id", call.id)
            json.string("name", call.name)
            json.integer("turn", call.turn)
            json.integer("at", call.at.nanoseconds)
        }
    }

    private static func turn(_ json: inout JSONOutput, _ turn: Heard.Turn) {
        json.integer("number", turn.number)
        json.integer("connection", turn.connection)
        json.string("input", turn.input.rawValue)
        json.string("outcome", turn.outcome.rawValue)
        json.integer("attempt", turn.attempt)
        json.string("stamp", turn.stamp)
        json.integer("answers", turn.answers)
        json.integer("nudges", turn.nudges)
        json.integers("context", turn.context)
        json.string("text", turn.text)
        json.integer("audio_bytes", turn.sound.bytes)
        // As text: not every JSON reader supports 64 bits.
        json.string("audio_hash", String(turn.sound.hash, radix: 16))
        json.integer("audio_rate", turn.sound.rate)
        json.integers("marks", turn.sound.turns)
        json.integer("frames", turn.frames)
        json.string("reply", turn.reply)
        json.integer("reply_bytes", turn.replyBytes)
        json.integer("started_at", turn.startedAt.nanoseconds)
        json.integer("ended_at", turn.endedAt.nanoseconds)
        if let usage = turn.usage {
            json.integer("prompt_tokens", usage.prompt)
            json.integer("prompt_audio_tokens", usage.promptAudio)
            json.integer("response_tokens", usage.response)
            json.integer("thoughts_tokens", usage.thoughts)
        }
    }

    private static func toolResponse(_ json: inout JSONOutput, _ response: Heard.ToolResponse) {
        json.integer("connection", response.connection)
        json.string("id", response.id)
        json.string("name", response.name)
        json.string("response", response.response)
        json.flag("was_expected", response.wasExpected)
        json.integer("at", response.at.nanoseconds)
    }
}

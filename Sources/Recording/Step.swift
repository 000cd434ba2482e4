public import Basics
import Policies
public import Sessions
import Wire

/// An event of a session, its time, and the resulting actions: one line of a recording.
public struct Step: Equatable, Sendable {
    /// The time since the session began.
    public var at: Interval
    public var event: Event
    /// The message, if the event has one.
    public var payload: [UInt8]
    /// The actions, in words.
    public var deeds: [String]

    public init(at: Interval, event: Event, payload: [UInt8], deeds: [String]) {
        (self.at, self.event, self.payload, self.deeds) = (at, event, payload, deeds)
    }

    /// The line, without its terminator. A message that is not JSON leaves only its time.
    public func line(_ redraft: Redraft) -> [UInt8] {
        JSONOutput.object { json in
            json.integer("at", at.nanoseconds)
            add(event, to: &json)
            if case .clientSent(let message, _) = event, message.voicing.extent > .nothing {
                let voicing = message.voicing
                json.raw(
                    "voicing", "[\(voicing.extent.rawValue),\(voicing.voiced),\(voicing.level)]")
            }
            switch event {
            case .clientSent, .geminiSent, .clientReturned:
                json.raw("message", redraft.redraft(payload.span) ?? Array("{}".utf8))
            default: break
            }
            if !deeds.isEmpty { json.strings("did", deeds) }
        }
    }

    private func add(_ event: Event, to json: inout JSONOutput) {
        json.string("event", Kind(event).rawValue)
        switch event {
        case .opened, .clientUnread, .wokeUp, .superseded, .movedAway, .memoryShort: break
        case .recalled(let answer): add(answer, to: &json)
        case .clientReturned(let opcode): add(opcode, to: &json)
        case .clientSent(_, let opcode): add(opcode, to: &json)
        case .clientSentMalformed(let malformed, let opcode):
            add(opcode, to: &json)
            add(malformed, to: &json)
        case .dialed(let connection, let isWarm):
            json.integer("link", connection)
            if isWarm { json.integer("is_warm", 1) }
        case .dialFailed(let connection, let failure):
            json.integer("link", connection)
            add(failure, to: &json)
        case .geminiSent(_, let opcode, let connection):
            json.integer("link", connection)
            add(opcode, to: &json)
        case .geminiSentMalformed(let malformed, let opcode, let connection):
            json.integer("link", connection)
            add(opcode, to: &json)
            add(malformed, to: &json)
        case .geminiPonged(let connection, let time):
            json.integer("link", connection)
            json.integer("after", time.nanoseconds)
        case .clientPonged(let time): json.integer("after", time.nanoseconds)
        case .clientClosed(let close), .clientViolated(let close): json.close(close)
        case .geminiClosed(let connection, let close), .geminiViolated(let connection, let close):
            json.integer("link", connection)
            json.close(close)
        case .clientStuck(let bytes): json.integer("bytes", bytes)
        case .clientBehind(let isBehind): if isBehind { json.integer("is_behind", 1) }
        case .policyChanged(let policy):
            json.string("policy", Documents.effective(policy.value))
        case .limitReached(let limit): json.string("limit", limit.rawValue)
        case .drained(let deadline): json.integer("by", deadline.nanoseconds)
        case .chosen(let model): json.string("model", model)
        case .learned(let clocks):
            json.integer("soft", clocks.soft.nanoseconds)
            json.integer("hard", clocks.hard.nanoseconds)
            if clocks.frozen > .zero { json.integer("frozen", clocks.frozen.nanoseconds) }
        }
    }

    private func add(_ opcode: Opcode, to json: inout JSONOutput) {
        if opcode == .binary { json.integer("binary", 1) }
    }

    private func add(_ malformed: Malformed, to json: inout JSONOutput) {
        json.integer("malformed", malformed.reason.rawValue)
        json.integer("offset", malformed.offset)
    }

    private func add(_ answer: Recalled, to json: inout JSONOutput) {
        switch answer {
        case .attached: json.string("found", "attached")
        case .foreign: json.string("found", "foreign")
        case .unknown: json.string("found", "unknown")
        case .unavailable: json.string("found", "unavailable")
        case .remembered(let memory):
            json.string("found", "remembered")
            json.string("model", memory.model)
            json.integer("tools", Int64(bitPattern: memory.tools))
            json.integer("age", memory.age.nanoseconds)
            json.integer("put_off", memory.putOff.nanoseconds)
            json.integer("generation", memory.generation)
            json.integer("may_await_results", memory.mayAwaitResults ? 1 : 0)
            // Gemini's handle is a secret; its length is not.
            json.string("handle", String(repeating: "x", count: memory.handle.utf8.count))
            json.string("transcript", String(decoding: memory.transcript, as: UTF8.self))
        }
    }

    private func add(_ failure: DialFailure, to json: inout JSONOutput) {
        switch failure {
        case .refused(let status, let contentType, let body, let retryAfter):
            json.integer("status", status)
            json.string("content_type", contentType)
            json.string("body", String(decoding: body, as: UTF8.self))
            json.string("retry_after", retryAfter)
        case .unreachable(let why): json.string("unreachable", why)
        case .timedOut(let why): json.string("timed_out", why)
        }
    }

    /// The word under which an event is recorded.
    enum Kind: String, CaseIterable {
        case opened, client, clientMalformed = "client_malformed", dialed, dialFailed =
            "dial_failed"
        case gemini, geminiMalformed = "gemini_malformed", geminiPonged = "gemini_ponged"
        case clientPonged = "client_ponged", clientClosed = "client_closed"
        case geminiClosed = "gemini_closed", clientViolated = "client_violated"
        case geminiViolated = "gemini_violated", clientStuck = "client_stuck", woke, policy
        case clientBehind = "client_behind", clientUnread = "client_unread"
        case limit, drained, chosen, learned
        case recalled, clientReturned = "client_returned", superseded, movedAway = "moved_away",
            memoryShort = "memory_short"

        init(_ event: Event) {
            self =
                switch event {
                case .opened: .opened
                case .clientSent: .client
                case .clientSentMalformed: .clientMalformed
                case .dialed: .dialed
                case .dialFailed: .dialFailed
                case .geminiSent: .gemini
                case .geminiSentMalformed: .geminiMalformed
                case .geminiPonged: .geminiPonged
                case .clientPonged: .clientPonged
                case .clientClosed: .clientClosed
                case .geminiClosed: .geminiClosed
                case .clientViolated: .clientViolated
                case .geminiViolated: .geminiViolated
                case .clientStuck: .clientStuck
                case .clientBehind: .clientBehind
                case .clientUnread: .clientUnread
                case .wokeUp: .woke
                case .policyChanged: .policy
                case .limitReached: .limit
                case .drained: .drained
                case .recalled: .recalled
                case .clientReturned: .clientReturned
                case .superseded: .superseded
                case .movedAway: .movedAway
                case .memoryShort: .memoryShort
                case .chosen: .chosen
                case .learned: .learned
                }
        }
    }
}

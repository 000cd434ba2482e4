public import Basics
import Policies
public import Sessions
import Wire

/// An event of a session, its time, and the resulting actions: one line of a recording.
public struct Step: Equatable, Sendable {
    /// Since the session began.
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
        var line = JSONLine()
        line.add("at", at.nanoseconds)
        add(event, to: &line)
        if case .clientSent(let message, _) = event, message.voicing.extent > .nothing {
            let voicing = message.voicing
            line.add(
                "voicing",
                json: Array("[\(voicing.extent.rawValue),\(voicing.voiced),\(voicing.level)]".utf8))
        }
        switch event {
        case .clientSent, .geminiSent, .clientReturned:
            line.add("message", json: redraft.redraft(payload.span) ?? Array("{}".utf8))
        default: break
        }
        if !deeds.isEmpty { line.add("did", deeds) }
        return line.end()
    }

    private func add(_ event: Event, to line: inout JSONLine) {
        line.add("event", Kind(event).rawValue)
        switch event {
        case .opened, .clientUnread, .wokeUp, .superseded, .movedAway, .memoryShort: break
        case .recalled(let answer): add(answer, to: &line)
        case .clientReturned(let opcode): add(opcode, to: &line)
        case .clientSent(_, let opcode): add(opcode, to: &line)
        case .clientSentMalformed(let malformed, let opcode):
            add(opcode, to: &line)
            add(malformed, to: &line)
        case .dialed(let connection): line.add("link", Int64(connection))
        case .dialFailed(let connection, let failure):
            line.add("link", Int64(connection))
            add(failure, to: &line)
        case .geminiSent(_, let opcode, let connection):
            line.add("link", Int64(connection))
            add(opcode, to: &line)
        case .geminiSentMalformed(let malformed, let opcode, let connection):
            line.add("link", Int64(connection))
            add(opcode, to: &line)
            add(malformed, to: &line)
        case .geminiPonged(let connection, let time):
            line.add("link", Int64(connection))
            line.add("after", time.nanoseconds)
        case .clientPonged(let time): line.add("after", time.nanoseconds)
        case .clientClosed(let close), .clientViolated(let close): line.add(close)
        case .geminiClosed(let connection, let close), .geminiViolated(let connection, let close):
            line.add("link", Int64(connection))
            line.add(close)
        case .clientStuck(let bytes): line.add("bytes", Int64(bytes))
        case .clientBehind(let isBehind): if isBehind { line.add("is_behind", 1) }
        case .policyChanged(let policy): line.add("policy", Documents.effective(policy))
        case .limitReached(let limit): line.add("limit", limit.rawValue)
        case .drained(let deadline): line.add("by", deadline.nanoseconds)
        case .chosen(let model): line.add("model", model)
        case .learned(let clocks):
            line.add("soft", clocks.soft.nanoseconds)
            line.add("hard", clocks.hard.nanoseconds)
        }
    }

    private func add(_ opcode: Opcode, to line: inout JSONLine) {
        if opcode == .binary { line.add("binary", 1) }
    }

    private func add(_ malformed: Malformed, to line: inout JSONLine) {
        line.add("malformed", Int64(malformed.reason.rawValue))
        line.add("offset", Int64(malformed.offset))
    }

    private func add(_ answer: Recalled, to line: inout JSONLine) {
        switch answer {
        case .attached: line.add("found", "attached")
        case .foreign: line.add("found", "foreign")
        case .unknown: line.add("found", "unknown")
        case .unavailable: line.add("found", "unavailable")
        case .remembered(let memory):
            line.add("found", "remembered")
            line.add("model", memory.model)
            line.add("tools", Int64(bitPattern: memory.tools))
            line.add("age", memory.age.nanoseconds)
            line.add("put_off", memory.putOff.nanoseconds)
            line.add("generation", memory.generation)
            line.add("may_await_results", memory.mayAwaitResults ? 1 : 0)
            // Gemini's handle is a secret; its length is not.
            line.add("handle", String(repeating: "x", count: memory.handle.utf8.count))
            line.add("transcript", String(decoding: memory.transcript, as: UTF8.self))
        }
    }

    private func add(_ failure: DialFailure, to line: inout JSONLine) {
        switch failure {
        case .refused(let status, let contentType, let body, let retryAfter):
            line.add("status", Int64(status))
            line.add("content_type", contentType)
            line.add("body", String(decoding: body, as: UTF8.self))
            line.add("retry_after", retryAfter)
        case .unreachable(let why): line.add("unreachable", why)
        case .timedOut(let why): line.add("timed_out", why)
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

import Basics
import Policies
import Sessions
import Wire

extension Step {
    /// - Parameter policy: Creates a policy from its text.
    init(
        _ fields: Fields, policy: (String) throws(Fields.Wrong) -> Policy
    ) throws(Fields.Wrong) {
        at = Interval(nanoseconds: try fields.number("at"))
        deeds = fields.has("did") ? try fields.texts("did") : []
        let word = try fields.text("event")
        guard let kind = Kind(rawValue: word) else {
            throw fields.missing("event", Kind.allCases.map(\.rawValue).joined(separator: ", "))
        }
        payload = []
        switch kind {
        case .opened: event = .opened
        case .superseded: event = .superseded
        case .movedAway: event = .movedAway
        case .memoryShort: event = .memoryShort
        case .recalled: event = .recalled(try Self.answer(fields))
        case .clientReturned:
            payload = try fields.message("message")
            event = .clientReturned(Self.opcode(fields))
        case .clientUnread: event = .clientUnread
        case .woke: event = .wokeUp
        case .client, .gemini:
            let message = try fields.message("message")
            event = try Self.message(kind, fields, message.span)
            payload = message
        case .clientMalformed:
            event = .clientSentMalformed(try Self.malformed(fields), Self.opcode(fields))
        case .geminiMalformed:
            event = .geminiSentMalformed(
                try Self.malformed(fields), Self.opcode(fields), try Self.connection(fields))
        case .dialed:
            event = .dialed(try Self.connection(fields), isWarm: fields.has("is_warm"))
        case .dialFailed: event = .dialFailed(try Self.connection(fields), try Self.failure(fields))
        case .geminiPonged:
            event = .geminiPonged(try Self.connection(fields), try Self.time(fields, "after"))
        case .clientPonged: event = .clientPonged(try Self.time(fields, "after"))
        case .clientClosed: event = .clientClosed(try fields.close())
        case .clientViolated: event = .clientViolated(try fields.close())
        case .geminiClosed: event = .geminiClosed(try Self.connection(fields), try fields.close())
        case .geminiViolated:
            event = .geminiViolated(try Self.connection(fields), try fields.close())
        case .clientStuck: event = .clientStuck(buffered: try fields.number("bytes", as: Int.self))
        case .clientBehind: event = .clientBehind(fields.has("is_behind"))
        case .policy:
            event = .policyChanged(Boxed(try policy(try fields.text("policy"))))
        case .limit:
            guard let limit = Limit(rawValue: try fields.text("limit")) else {
                throw fields.missing("limit", "a bound of a policy")
            }
            event = .limitReached(limit)
        case .drained: event = .drained(by: Instant(nanoseconds: try fields.number("by")))
        case .chosen: event = .chosen(model: try fields.text("model"))
        case .learned:
            event = .learned(
                LearnedClocks(
                    soft: try Self.time(fields, "soft"), hard: try Self.time(fields, "hard"),
                    frozen: fields.has("frozen") ? try Self.time(fields, "frozen") : .zero))
        }
    }

    private static func message(
        _ kind: Kind, _ fields: Fields, _ payload: Span<UInt8>
    ) throws(Fields.Wrong) -> Event {
        do throws(Malformed) {
            if kind == .gemini {
                return .geminiSent(
                    try ServerMessage.scan(payload), opcode(fields), try linkOrMalformed(fields))
            }
            var message = try ClientMessage.scan(payload)
            if fields.has("voicing") { message.voicing = voicing(fields) }
            return .clientSent(message, opcode(fields))
        } catch {
            throw fields.missing("message", "a message")
        }
    }

    private static func linkOrMalformed(_ fields: Fields) throws(Malformed) -> ConnectionID {
        guard let connection = try? connection(fields) else { throw Malformed(.badNumber, at: 0) }
        return connection
    }

    private static func voicing(_ fields: Fields) -> Voicing {
        let numbers = (try? fields.elements("voicing"))?.map { fields.integer(at: $0) ?? 0 } ?? []
        guard numbers.count == 3, let raw = UInt8(exactly: numbers[0]),
            let extent = Voicing.Extent(rawValue: raw)
        else { return Voicing() }
        return Voicing(
            extent, voiced: UInt16(clamping: numbers[1]), level: UInt16(clamping: numbers[2]))
    }

    private static func opcode(_ fields: Fields) -> Opcode {
        fields.has("binary") ? .binary : .text
    }

    private static func connection(_ fields: Fields) throws(Fields.Wrong) -> ConnectionID {
        try fields.number("link", as: ConnectionID.self)
    }

    private static func time(
        _ fields: Fields, _ key: String
    ) throws(Fields.Wrong) -> Interval { Interval(nanoseconds: try fields.number(key)) }

    private static func malformed(_ fields: Fields) throws(Fields.Wrong) -> Malformed {
        let raw = try fields.number("malformed", as: UInt8.self)
        guard let reason = Malformed.Reason(rawValue: raw) else {
            throw fields.missing("malformed", "the number of a reason")
        }
        return Malformed(reason, at: try fields.number("offset", as: Int.self))
    }

    private static func answer(_ fields: Fields) throws(Fields.Wrong) -> Recalled {
        switch try fields.text("found") {
        case "attached": return .attached
        case "foreign": return .foreign
        case "unavailable": return .unavailable
        case "remembered":
            var memory = Memory(
                model: try fields.text("model"),
                tools: UInt64(bitPattern: try fields.number("tools")),
                handle: try fields.text("handle"),
                transcript: Array(try fields.text("transcript").utf8))
            memory.age = try time(fields, "age")
            // Older recordings lack these.
            if fields.has("generation") {
                memory.putOff = try time(fields, "put_off")
                memory.generation = try fields.number("generation")
                memory.mayAwaitResults = try fields.number("may_await_results") != 0
            }
            return .remembered(memory)
        default: return .unknown
        }
    }

    private static func failure(_ fields: Fields) throws(Fields.Wrong) -> DialFailure {
        if fields.has("unreachable") { return .unreachable(try fields.text("unreachable")) }
        if fields.has("timed_out") { return .timedOut(try fields.text("timed_out")) }
        return .refused(
            status: try fields.number("status", as: Int.self),
            contentType: try fields.text("content_type"),
            body: Array(try fields.text("body").utf8), retryAfter: try fields.text("retry_after"))
    }
}

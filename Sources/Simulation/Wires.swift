import Sessions
import Wire

/// What leaves the session in one step.
extension Step {
    enum Departure {
        case use(ConnectionID)
        case toGemini([UInt8])
        case toClient([UInt8])
    }

    /// In order; messages for either peer, and the connections they go to.
    var departures: [Departure] {
        var found: [Departure] = []
        for action in actions {
            switch action {
            case .use(let link): found.append(.use(link))
            case .send(.gemini, let bytes, _): found.append(.toGemini(bytes))
            case .send(.client, let bytes, _): found.append(.toClient(bytes))
            case .forward:
                if case .clientSent = event {
                    found.append(.toGemini(payload))
                } else {
                    found.append(.toClient(payload))
                }
            case .dial, .drop, .accept, .refuse, .ping, .close, .note, .pause, .resume, .limit,
                .choose, .recall, .offer, .keep, .retire:
                break
            }
        }
        return found
    }

    var notes: [Fact] {
        actions.compactMap { action in
            if case .note(let fact) = action { fact } else { nil }
        }
    }
}

/// A tool call in a message.
struct NamedCall: Equatable {
    var id: String
    /// Name and arguments, without white space.
    var key: String
    var isUnfinished: Bool

    static func read(_ bytes: [UInt8]) -> [NamedCall] {
        guard let message = try? ServerMessage.scan(bytes.span),
            message.members.contains(.toolCall)
        else { return [] }
        var calls: [NamedCall] = []
        let isUnfinished = ServerGrammar.announcesMore(bytes)
        var reader = ToolReader(calls: message.tool, in: bytes.span)
        while let call = reader.nextCall(in: bytes.span) {
            let arguments = JSONText.unescape(bytes.span, call.args).filter { !$0.isWhitespace }
            calls.append(
                NamedCall(
                    id: JSONText.unescape(bytes.span, call.id),
                    key: JSONText.unescape(bytes.span, call.name) + arguments,
                    isUnfinished: isUnfinished))
        }
        return calls
    }

    static func cancelled(_ bytes: [UInt8]) -> [String] {
        guard let message = try? ServerMessage.scan(bytes.span),
            message.members.contains(.toolCallCancellation)
        else { return [] }
        var ids: [String] = []
        var reader = ToolReader(cancelled: message.cancellation, in: bytes.span)
        while let id = reader.nextCancelled(in: bytes.span) {
            ids.append(JSONText.unescape(bytes.span, id))
        }
        return ids
    }

    static func answered(_ bytes: [UInt8]) -> [String] {
        guard let message = try? ClientMessage.scan(bytes.span),
            message.members.contains(.toolResponse)
        else { return [] }
        var ids: [String] = []
        var reader = ToolReader(answers: message.value, in: bytes.span)
        while let answer = reader.nextAnswer(in: bytes.span) {
            ids.append(JSONText.unescape(bytes.span, answer.id))
        }
        return ids
    }
}

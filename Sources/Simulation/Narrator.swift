import Sessions
import Wire

/// Describes events in short, for transcripts.
enum Narrator {
    static func event(_ event: Event, _ payload: [UInt8]) -> String {
        switch event {
        case .clientSent: "client sent \(short(payload))"
        case .clientSentMalformed(let why, _): "client sent malformed: \(why.reason)"
        case .geminiSent: "gemini sent \(short(payload))"
        case .geminiSentMalformed(let why, _, _): "gemini sent malformed: \(why.reason)"
        case .opened, .dialed, .dialFailed, .geminiPonged, .clientPonged, .clientClosed,
            .geminiClosed, .clientViolated, .geminiViolated, .clientStuck,
            .clientBehind, .clientUnread, .wokeUp, .policyChanged, .limitReached, .drained, .chosen,
            .learned,
            .recalled,
            .clientReturned, .superseded, .movedAway, .memoryShort:
            "\(event)"
        }
    }

    static func action(_ action: Action) -> String {
        switch action {
        case .send(let peer, let bytes, _): "send \(peer) \(short(bytes))"
        case .note(let fact): "* \(fact)"
        case .forward, .dial, .use, .drop, .accept, .refuse, .ping, .close, .pause, .resume,
            .limit, .choose, .recall, .offer,
            .keep, .retire:
            "\(action)"
        }
    }

    static func short(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        return text.count > 600 ? text.prefix(560) + "…" + text.suffix(30) : text
    }
}

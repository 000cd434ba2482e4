import Basics
import Policies
import Wire

// `mode: observe`. The machine sees what happens and reports what it would do, but acts like a
// plain relay. The policy in force lets no rule act and no remedy begin, so that the machine does
// not lose track; this file enforces it at the level of bytes, whatever a part may request.
extension Session {
    var isObserving: Bool { policy.mode == .observe }

    /// Replaces the messages and closes that the machine requests with those of a plain relay.
    mutating func relayPlainly(_ event: Event, from first: Int, into out: inout Actions) {
        let fresh = out.remove(from: first)
        // This may be the last message that a limit lets through.
        if event.bringsMessage, phase != .closed || fresh.contains(.forward) {
            out.forward()
        }
        for action in fresh {
            switch action {
            case .forward, .send: break
            case .close(let peer, let close):
                out.append(.close(peer, event.relayedClose(to: peer) ?? close))
            case .note(let fact): out.append(.note(event.relayed(fact)))
            case .dial, .use, .drop, .accept, .refuse, .ping, .pause, .resume, .choose, .limit,
                .recall, .offer, .keep, .retire:
                out.append(action)
            }
        }
    }
}

extension Event {
    /// The client's setup: it decides about permitted models in any mode.
    var isSetup: Bool {
        if case .clientSent(let message, _) = self { return message.members.contains(.setup) }
        return false
    }

    fileprivate var bringsMessage: Bool {
        switch self {
        case .clientSent, .clientSentMalformed, .geminiSent, .geminiSentMalformed: true
        case .opened, .dialed, .dialFailed, .geminiPonged, .clientPonged, .clientClosed,
            .geminiClosed, .clientViolated, .geminiViolated, .clientStuck, .clientBehind,
            .clientUnread, .wokeUp, .policyChanged, .limitReached, .drained, .chosen, .learned,
            .recalled, .clientReturned, .superseded, .movedAway, .memoryShort:
            false
        }
    }

    /// What a plain relay would report: a close by gemini is gemini's, even if it is only an end of
    /// the connection.
    fileprivate func relayed(_ fact: Fact) -> Fact {
        guard case .geminiClosed(_, let close) = self else { return fact }
        switch fact {
        case .closed(.client, _, by: .turnkeeper): return .closed(.client, close, by: .gemini)
        case .ended(.unanswered): return .ended(.geminiClosed)
        default: return fact
        }
    }

    /// The close that one side sent, for the other.
    fileprivate func relayedClose(to peer: Peer) -> Close? {
        switch (self, peer) {
        case (.clientClosed(let close), .gemini): close
        case (.geminiClosed(_, let close), .client): close
        default: nil
        }
    }
}

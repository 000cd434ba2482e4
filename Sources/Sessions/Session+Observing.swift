import Basics
import Policies
import Wire

// `mode: observe`. The machine sees what happens and tells what it would do; what it does is what a
// plain relay does. The policy in force lets no rule act and no remedy begin, so that the machine does
// not lose track; this file holds it to the bytes, whatever a part may think.
extension Session {
    var isObserving: Bool { policy.mode == .observe }

    /// Puts what a plain relay would do in place of the messages and closes the machine asks for.
    mutating func relayPlainly(_ event: Event, from first: Int, into out: inout Actions) {
        let fresh = out.take(from: first)
        // A message may be the last that a limit lets through.
        if event.bringsMessage, phase != .closed || fresh.contains(.forward) {
            out.append(.forward)
        }
        for action in fresh {
            switch action {
            case .forward, .send: break
            case .close(let peer, let close):
                out.append(.close(peer, event.relayedClose(to: peer) ?? close))
            case .dial, .use, .drop, .accept, .refuse, .ping, .pause, .resume, .choose, .limit,
                .recall, .offer, .keep, .retire, .note:
                out.append(action)
            }
        }
    }
}

extension Event {
    /// The client's setup: who may have which model is decided by it, in any mode.
    var isSetup: Bool {
        if case .clientSent(let message, _) = self { return message.members.contains(.setup) }
        return false
    }

    fileprivate var bringsMessage: Bool {
        switch self {
        case .clientSent, .clientSentMalformed, .geminiSent, .geminiSentMalformed: true
        case .opened, .dialed, .dialFailed, .geminiPonged, .clientPonged, .clientClosed,
            .geminiClosed, .clientViolated, .geminiViolated, .clientStuck, .clientBehind, .wokeUp,
            .policyChanged, .limitReached, .drained, .chosen, .learned, .recalled, .clientReturned,
            .superseded, .memoryShort:
            false
        }
    }

    /// The close one side sent, for the other.
    fileprivate func relayedClose(to peer: Peer) -> Close? {
        switch (self, peer) {
        case (.clientClosed(let close), .gemini): close
        case (.geminiClosed(_, let close), .client): close
        default: nil
        }
    }
}

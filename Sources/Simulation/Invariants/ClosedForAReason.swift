import Basics
import Policies
import Sessions
import Wire

/// I6: the client is closed only because it asked, because a policy says so, or because gemini is
/// gone; code and reason say truthfully which. Afterwards the session requests no actions, and it
/// has ended exactly once.
struct ClosedForAReason: Invariant {
    static let name = "I6"
    private var isEnded = false
    private var isDraining = false
    private var lastClose: Close?

    mutating func check(_ step: Step) -> String? {
        if case .geminiClosed(_, let close) = step.event { lastClose = close }
        if isEnded, !step.actions.isEmpty { return "acts after its end: \(step.actions)" }
        if case .drained = step.event { isDraining = true }
        var closes: [Close] = []
        for action in step.actions {
            switch action {
            case .close(.client, let close): closes.append(close)
            case .refuse(let refusal):
                if isDraining { continue }
                guard case .dialFailed = step.event else {
                    return "refused with \(refusal.status) though the dial did not fail"
                }
            case .note(.ended): isEnded = true
            case .forward, .send, .dial, .use, .drop, .accept, .ping, .close, .note, .pause,
                .resume, .limit, .choose, .recall, .offer,
                .keep, .retire:
                break
            }
        }
        if closes.count > 1 { return "closed the client twice" }
        guard let close = closes.first else { return nil }
        return isTrue(close, step) ? nil : "closed \(close) after \(step.event)"
    }

    private func isTrue(_ close: Close, _ step: Step) -> Bool {
        if isDraining, close.code == 1001 { return true }
        for case .note(.replyCut(.close)) in step.actions { return close.code == 1011 }
        for case .note(.gaveUp) in step.actions {
            // With gemini's last word: the refusal of this dial, or else its last close, if any.
            if case .dialFailed(_, .refused(400..<500, _, _, _)) = step.event {
                return [1007, 1008, 1011].contains(close.code)
            }
            return close.code == 1011 || close.code == lastClose?.code
        }
        return switch step.event {
        case .geminiClosed(_, let own):
            own == close || (own == .abnormal && close.code == 1011)
        case .clientSentMalformed: close.code == 1007
        case .clientSent(let message, _):
            message.members.contains(.setup) ? close.code == 1007 : close.code == 1008
        case .clientViolated(let own): own.code == close.code
        case .geminiViolated: close.code == 1011
        case .clientStuck: close.code == 1013
        case .wokeUp: close == .abnormal || close.code == 1011 || close.code == 1008
        case .opened, .dialed, .dialFailed, .geminiSent, .geminiSentMalformed, .geminiPonged,
            .clientPonged, .clientClosed, .clientBehind, .clientUnread, .policyChanged,
            .limitReached, .drained,
            .chosen, .learned, .recalled,
            .clientReturned, .superseded, .movedAway, .memoryShort:
            false
        }
    }

    mutating func finish() -> String? { isEnded ? nil : "never ended" }
}

import Basics
import Policies
import Sessions
import Wire

/// I5: gemini's messages reach the client in order, once, unaltered, but for the rules that name
/// them.
struct RelayedAsItCame: Invariant {
    static let name = "I5"
    private var isOver = false

    mutating func check(_ step: Step) -> String? {
        var forwards = 0
        var isNamed = false
        for action in step.actions {
            switch action {
            case .forward: forwards += 1
            case .note(.ruleApplied(let rule, .enforce, _)):
                if Self.ruling.contains(rule) { isNamed = true }
            case .note(.ended): isOver = true
            case .send(.client, _, _): return "made a message for the client"
            case .send, .dial, .accept, .refuse, .ping, .close, .note, .pause, .resume, .limit:
                break
            }
        }
        switch step.event {
        case .geminiSent, .geminiSentMalformed:
            if isOver { return nil }
            if forwards > 1 { return "relayed \(forwards) times" }
            return forwards == 0 && !isNamed ? "not relayed, and no rule says why" : nil
        case .clientSent, .clientSentMalformed:
            return nil
        case .opened, .dialed, .dialFailed, .geminiPonged, .clientPonged, .clientClosed,
            .geminiClosed, .clientViolated, .geminiViolated, .clientStuck, .wokeUp,
            .policyChanged, .limitReached, .drained:
            return forwards > 0 ? "forwarded something without a message" : nil
        }
    }

    /// Rules that may keep a server message from the client.
    private static let ruling: [Rule] = [
        .resumptionInserted, .emptyTurn, .phantomInterrupted, .goAway, .flush,
    ]
}

import Policies
import Sessions

/// What a set of runs reached: a branch that no run reaches is not tested.
public enum Coverage {
    /// The facts, by name.
    enum Name: String, CaseIterable {
        case dialing, connected, dialFailed, reconnected, pinned, fellBack, setUp, setupCompleted
        case ruleApplied, activityStarted, activityEnded, turnStarted, firstAudio, firstText
        case outputPaused, turnEnded, inputDropped, silenceSkipped, picturesReplaced, malformed
        case transcribed, wrote, typed
        case toolCalled
        case toolAnswered, toolCancelled, used, goAwayReceived, handleReceived, pinged
        case limitReached, stalled, nudged, nudgeEnded, troubled, retrying, reconnectFailed
        case replayed, contextRestored, contextLost, inputHeld, recovered, gaveUp, replyCut
        case byproductKept, madeUp, callRemembered, toolResultsDropped, toolNoted, parked, unparked
        case clientResumed, clientMoved, handleRefused, modelRefused, closed, ended
    }

    /// A fact, and its kind if kinds have names.
    struct Branch: Hashable {
        var fact: Name
        var kind = ""

        init(_ fact: Name, _ kind: String = "") {
            self.fact = fact
            self.kind = kind
        }

        /// `stalled`, or `stalled.no_output`.
        var name: String { kind.isEmpty ? fact.rawValue : fact.rawValue + "." + kind }
    }

    /// Every fact, and every kind of one.
    public static var all: [String] {
        Name.allCases.flatMap { name in
            [name.rawValue] + kinds(of: name).map { Branch(name, $0).name }
        }
    }

    /// A run of at least this many sessions must reach everything that is not in `elsewhere`.
    public static let sessions = 12_000

    /// What these branches lack: everything that no test reaches.
    public static func missing(from reached: Set<String>) -> [String] {
        all.filter { !reached.contains($0) && elsewhere[$0] == nil }
    }

    /// The names of branches, and of their facts.
    static func names(of branches: Set<Branch>) -> Set<String> {
        Set(branches.flatMap { [$0.name, $0.fact.rawValue] })
    }

    private static func kinds(of name: Name) -> [String] {
        func all<Kind: CaseIterable & RawRepresentable>(_ kind: Kind.Type) -> [String]
        where Kind.RawValue == String { kind.allCases.map(\.rawValue) }
        return switch name {
        case .reconnected: all(Fact.Means.self)
        case .ruleApplied: all(Rule.self)
        case .setUp: [Fact.VAD.automatic, .manual].map(\.rawValue)
        case .activityStarted, .activityEnded: [Fact.Author.client, .turnkeeper].map(\.rawValue)
        case .turnStarted: all(TurnInput.self)
        case .turnEnded: all(TurnOutcome.self)
        case .stalled: all(Stall.self)
        case .nudgeEnded: all(Fact.NudgeResult.self)
        case .byproductKept: all(Fact.Byproduct.self)
        case .madeUp: all(Fact.MadeUp.self)
        case .toolNoted: all(Fact.ToolNote.self)
        case .clientResumed: [Fact.Means.resumed, .rebuilt].map(\.rawValue)
        case .closed: [Fact.Author.client, .gemini, .turnkeeper].map(\.rawValue)
        case .ended: all(SessionOutcome.self)
        case .dialing, .connected, .dialFailed, .pinned, .fellBack, .setupCompleted,
            .firstAudio, .firstText, .outputPaused, .inputDropped, .silenceSkipped,
            .picturesReplaced, .malformed,
            .transcribed, .wrote, .typed,
            .toolCalled, .toolAnswered, .toolCancelled, .used, .goAwayReceived, .handleReceived,
            .pinged, .limitReached, .nudged, .troubled, .retrying, .reconnectFailed, .replayed,
            .contextRestored, .contextLost, .inputHeld, .recovered, .gaveUp, .replyCut,
            .callRemembered, .toolResultsDropped, .parked, .unparked, .clientMoved,
            .handleRefused, .modelRefused:
            []
        }
    }

    static func branch(of fact: Fact) -> Branch {
        switch fact {
        case .dialing: Branch(.dialing)
        case .connected: Branch(.connected)
        case .dialFailed: Branch(.dialFailed)
        case .reconnected(_, _, let means, _): Branch(.reconnected, means.rawValue)
        case .pinned: Branch(.pinned)
        case .fellBack: Branch(.fellBack)
        case .setUp(_, let vad): Branch(.setUp, vad.rawValue)
        case .setupCompleted: Branch(.setupCompleted)
        case .ruleApplied(let rule, _, _): Branch(.ruleApplied, rule.rawValue)
        case .activityStarted(let author): Branch(.activityStarted, author.rawValue)
        case .activityEnded(let author, _): Branch(.activityEnded, author.rawValue)
        case .turnStarted(_, let input): Branch(.turnStarted, input.rawValue)
        case .firstAudio: Branch(.firstAudio)
        case .firstText: Branch(.firstText)
        case .outputPaused: Branch(.outputPaused)
        case .turnEnded(_, let outcome): Branch(.turnEnded, outcome.rawValue)
        case .inputDropped: Branch(.inputDropped)
        case .silenceSkipped: Branch(.silenceSkipped)
        case .picturesReplaced: Branch(.picturesReplaced)
        case .malformed: Branch(.malformed)
        case .transcribed: Branch(.transcribed)
        case .wrote: Branch(.wrote)
        case .typed: Branch(.typed)
        case .toolCalled: Branch(.toolCalled)
        case .toolAnswered: Branch(.toolAnswered)
        case .toolCancelled: Branch(.toolCancelled)
        case .used: Branch(.used)
        case .goAwayReceived: Branch(.goAwayReceived)
        case .handleReceived: Branch(.handleReceived)
        case .pinged: Branch(.pinged)
        case .limitReached: Branch(.limitReached)
        case .stalled(let stall, _): Branch(.stalled, stall.rawValue)
        case .nudged: Branch(.nudged)
        case .nudgeEnded(let result): Branch(.nudgeEnded, result.rawValue)
        case .troubled: Branch(.troubled)
        case .retrying: Branch(.retrying)
        case .reconnectFailed: Branch(.reconnectFailed)
        case .replayed: Branch(.replayed)
        case .contextRestored: Branch(.contextRestored)
        case .contextLost: Branch(.contextLost)
        case .inputHeld: Branch(.inputHeld)
        case .recovered: Branch(.recovered)
        case .gaveUp: Branch(.gaveUp)
        case .replyCut: Branch(.replyCut)
        case .byproductKept(let what): Branch(.byproductKept, what.rawValue)
        case .madeUp(let what): Branch(.madeUp, what.rawValue)
        case .callRemembered: Branch(.callRemembered)
        case .toolResultsDropped: Branch(.toolResultsDropped)
        case .toolNoted(let what, _): Branch(.toolNoted, what.rawValue)
        case .parked: Branch(.parked)
        case .unparked: Branch(.unparked)
        case .clientResumed(let means): Branch(.clientResumed, means.rawValue)
        case .clientMoved: Branch(.clientMoved)
        case .handleRefused: Branch(.handleRefused)
        case .modelRefused: Branch(.modelRefused)
        case .closed(_, _, let author): Branch(.closed, author.rawValue)
        case .ended(let outcome): Branch(.ended, outcome.rawValue)
        }
    }
}

import Basics
import Policies
import Sessions
import Wire

/// I15 for what came of calls. A connection that was told it, as a result or in words, is not told
/// it again; and one that has answered two questions since has it, or got it from its handle.
struct ResultsTold: Invariant {
    static let name = "results-told"

    private var link: ConnectionID = 0
    /// What the client's results say, each different.
    private var outcomes: Set<String> = []
    /// What this connection was told, and what it may know from its handle besides.
    private var told: Set<String> = []
    private var remembered: Set<String> = []
    private var handles: [String: Set<String>] = [:]
    /// What it was told and made nothing of: that may be said once more.
    private var ignored: Set<String> = []
    /// Questions that this connection has answered since a result came.
    private var answers = 0
    /// The turn that nobody asked for: nothing could be told with its question.
    private var unasked = 0
    /// Something was reported as lost, or nothing is said again. Where nobody may interrupt, questions
    /// queue: their calls may be still to come.
    private var isExcused: Bool

    init(_ swarm: RunConfiguration) {
        isExcused =
            !swarm.policy.recovery.replay || !swarm.policy.recovery.rebuild
            || swarm.noInterruption
    }

    mutating func check(_ step: Step) -> String? {
        for fact in step.notes { note(fact) }
        switch step.event {
        case .clientSent(let message, _) where message.members.contains(.toolResponse):
            let ids = NamedCall.answered(step.payload).filter { !$0.isEmpty }
            outcomes.formUnion(ids.map(ClientWriter.outcome))
            answers = 0
        case .geminiSent(let message, _, _):
            // Nobody waits for what comes of it.
            for id in NamedCall.cancelled(step.payload) {
                outcomes.remove(ClientWriter.outcome(of: id))
            }
            if message.resumable, message.handle.count > 0 {
                handles[JSONText.unescape(step.payload.span, message.handle)] =
                    told.union(remembered)
            }
        default: break
        }
        for departure in step.departures {
            switch departure {
            case .use(let next):
                link = next
                (told, remembered, ignored, answers) = ([], [], [], 0)
            case .toGemini(let bytes):
                if let complaint = tell(bytes) { return complaint }
            case .toClient: break
            }
        }
        guard answers >= 2, !isExcused,
            let missing = outcomes.first(where: { !told.contains($0) && !remembered.contains($0) })
        else { return nil }
        return "connection \(link) was never told \(missing)"
    }

    private mutating func note(_ fact: Fact) {
        switch fact {
        case .turnStarted(let turn, .none): unasked = turn
        case .turnEnded(let turn, .answered) where turn != unasked: answers += 1
        case .turnEnded(_, .lost), .contextLost, .inputDropped, .toolResultsDropped, .gaveUp:
            isExcused = true
        case .replayed(_, _, let missing) where missing > .zero: isExcused = true
        // A model that has forgotten is told everything; one that ignores a result, that in words.
        case .stalled(.forgotten, _): told = []
        case .stalled(.toolResultIgnored, _): ignored = told
        default: break
        }
    }

    private mutating func tell(_ bytes: [UInt8]) -> String? {
        guard let message = try? ClientMessage.scan(bytes.span) else { return nil }
        if message.members.contains(.setup) {
            remembered = handles[JournalOracle.handle(in: bytes)] ?? []
            return nil
        }
        guard !outcomes.isEmpty else { return nil }
        for outcome in outcomes where bytes.mentions(Array(outcome.utf8)) {
            guard !told.insert(outcome).inserted, !message.members.contains(.toolResponse),
                ignored.remove(outcome) == nil
            else { continue }
            return "connection \(link) was told \(outcome) twice"
        }
        return nil
    }
}

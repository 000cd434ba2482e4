import Basics
import Policies
import Sessions

/// Liveness: once the service is healthy again, every turn is answered, or reported as lost; none
/// waits until the client gives up.
struct Converges: Sendable {
    let patience: Interval
    private var asked: Instant?
    private var input = TurnInput.none
    private var last: (asked: Instant, ended: Instant, outcome: TurnOutcome)?

    init(_ swarm: RunConfiguration) { patience = Self.patience(swarm) }

    mutating func note(_ fact: Fact, at now: Instant) {
        if case .turnStarted(_, let input) = fact {
            asked = now
            self.input = input
        } else if case .turnEnded(_, let outcome) = fact, let began = asked {
            last = (began, now, outcome)
            asked = nil
        }
    }

    /// The last turn, if it was asked after `healed` and not answered until `end`.
    func judge(healed: Instant, end: Instant) -> String? {
        guard let last, last.asked >= healed, input != .none else { return nil }
        let waited = last.ended - last.asked
        guard last.outcome == .lost || last.ended >= end && waited > patience else {
            return nil
        }
        return
            "a turn asked \(last.asked - healed) after the faults ended was \(last.outcome.rawValue) "
            + "after \(waited)"
    }

    /// The duration of all remedies, on a slow network; longer for a model that signals thinking.
    static func patience(_ swarm: RunConfiguration) -> Interval {
        swarm.model.contains("thinking") ? .seconds(400) : .seconds(80)
    }
}

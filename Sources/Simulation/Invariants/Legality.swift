import Policies
import SimulatedGemini

/// I1, I2, I3: whatever the client does, gemini sees a legal conversation. The service's own strict
/// record is the judge.
struct Legality {
    let swarm: RunConfiguration
    /// The process has not yet read everything that arrived while it stood still.
    var stoodStill = false

    /// The broken invariant, if any.
    func invariant(_ kind: Heard.Violation.Kind, connections: Int) -> String? {
        switch kind {
        case .audioOutsideActivity: "I1"
        case .repeatedStart, .endWithoutStart, .emptyActivity, .activityInAutomatic: "I2"
        // The network may let the new setup overtake the old close; and a result may be for a call
        // that was lost with its connection. Neither costs more than a moment.
        case .sessionStillOpen, .unknownToolCall: connections > 1 ? nil : "I3"
        // Input from before the call could be known is excused; and what cannot be held must be
        // sent.
        case .inputDuringCall:
            swarm.geminiLatency.upperBound > 140 || swarm.policy.limits.buffer <= 4096 || stoodStill
                ? nil : "I3"
        // Before the client's first audio its rate is unknown (`OwnRate`).
        case .otherRate: nil
        case .contentNotAllowed:
            swarm.weight(.content) == 0 || swarm.probes.contains(.lateContent) ? "I3" : nil
        default: "I3"
        }
    }
}

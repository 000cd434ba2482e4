import Policies

/// Checkers that a run has only if its probes include them.
extension World {
    static func checkers(_ swarm: RunConfiguration) -> [any Invariant] {
        var checkers: [any Invariant] = []
        func add(_ probe: Probe, _ checker: @autoclosure () -> any Invariant) {
            if swarm.probes.contains(probe) { checkers.append(checker()) }
        }
        add(.toolsOnce, ToolsOnce())
        add(.nudgesInTime, NudgesInTime(swarm))
        add(.receiptsKept, ReceiptsKept())
        add(.turnEnds, TurnEnds(swarm))
        add(.ridersKept, RidersKept())
        add(.heldBytes, HeldWithinBounds(limit: swarm.policy.limits.buffer))
        add(.sampleRate, OwnRate())
        add(.journal, JournalOracle(swarm))
        add(.resultsTold, ResultsTold(swarm))
        return checkers
    }
}

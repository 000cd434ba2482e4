import Basics
import SimulatedGemini

/// Later invariants, judged by the service's record and the client's view.
extension Oracle {
    /// The newest instruction holds, on whatever connection.
    func judgeLater(_ world: World) -> Failure? {
        guard swarm.probes.contains(.newestContext) else { return nil }
        for turn in world.service.conversations.flatMap(\.heard.turns) {
            for mark in turn.sound.turns {
                guard let newest = expectation.instructions[Int16(1000 + mark)], newest > 0 else {
                    continue
                }
                let known = turn.brief.split(separator: "|").first.map(String.init) ?? ""
                let number = known.split(separator: " ").last.flatMap { Int($0) } ?? 0
                guard number < newest else { continue }
                return Failure(
                    invariant: Probe.newestContext.rawValue,
                    what: "turn \(mark) was heard under '\(known)', not instruction \(newest)")
            }
        }
        return nil
    }

    /// I17: a slow model is left alone. One remedy may be tried without success, then its pace is
    /// known; no answer is heard twice.
    func judgeSlow(_ world: World) -> Failure? {
        guard swarm.probes.contains(.leftAlone), let pace = swarm.scenario.firstSound else {
            return nil
        }
        func failure(_ what: String) -> Failure { Failure(invariant: "I17", what: what) }
        let tries = world.remedies.nudges + world.remedies.reconnects
        if tries > 1 { return failure("\(tries) remedies for a model that is only slow") }
        let questions = swarm.turns
        if world.endsShown > questions {
            return failure("\(world.endsShown) answers to \(questions) questions")
        }
        let network = Interval.milliseconds(
            swarm.clientLatency.upperBound * 2 + swarm.geminiLatency.upperBound * 2)
        let most = Interval(nanoseconds: pace.nanoseconds / 10 * 13) + network
        let waits = world.waits.dropFirst(2)
        if let long = waits.first(where: { $0 > most }) {
            return failure("waited \(long) for a model that takes \(pace)")
        }
        return world.waits.isEmpty && swarm.isManual && world.clientClose == nil
            ? failure("no answer at all") : nil
    }
}

import Basics
import Policies
import Sessions
import SimulatedGemini
import Wire

/// Knows what the client really said, and compares the service's record with it.
struct Oracle {
    let swarm: RunConfiguration
    let expectation: Expectation

    /// `nil`: everything the user said was received exactly once, in order, and answered.
    func judge(_ world: World) -> Failure? {
        if let ends = expectation.ends, world.wasSetUp, swarm.drain == nil,
            swarm.scenario.faults.isEmpty, world.clientClose?.code != ends
        {
            return Failure(
                invariant: "I6",
                what: "should have ended with \(ends), not \(world.clientClose?.code ?? 0)")
        }
        if let heard = judgeLater(world) { return heard }
        if swarm.scenario.firstSound != nil { return judgeSlow(world) }
        if isHealthy(world), let needless = world.remedies.needless {
            return Failure(invariant: "False positive", what: needless)
        }
        if swarm.calm != nil, let doctored = doctored(world) {
            return Failure(invariant: "False positive", what: doctored)
        }
        if !swarm.scenario.faults.isEmpty || world.remedies.first != nil {
            return judgeRecovered(world)
        }
        let heard = world.service.conversations.first?.heard ?? Heard()
        if let lost = compareSound(heard, world) {
            return Failure(invariant: "Heard once", what: lost)
        }
        guard isComplete(world) else { return nil }
        let typed = heard.turns.filter { $0.input != .tool }.map(\.text).joined()
        if !isSame(typed, expectation.typed) {
            return Failure(
                invariant: "Heard once",
                what: "typed '\(expectation.typed)', heard '\(typed)'")
        }
        guard swarm.scenario.faults.isEmpty else { return nil }
        if let turn = heard.turns.first(where: { $0.outcome == .unanswered || $0.outcome == .cut })
        {
            return Failure(
                invariant: "Liveness", what: "turn \(turn.number) is \(turn.outcome): \(turn.text)")
        }
        return nil
    }

    /// What waited in the socket of a process that stood still comes at once: then the service takes
    /// content before a text that waits for the end of a voice. I4 has the order on the wire.
    private func isSame(_ typed: String, _ expected: String) -> Bool {
        if typed == expected { return true }
        guard swarm.standstill != nil else { return false }
        return typed.split(separator: ".").sorted() == expected.split(separator: ".").sorted()
    }

    /// Half a second of speech may be delayed for longer than the dead-microphone limit.
    private var lineStutters: Bool {
        let spread = swarm.clientLatency.upperBound - swarm.clientLatency.lowerBound
        return .milliseconds(500 + spread) >= swarm.policy.turns.deadAir
    }

    /// Neither the service nor the client did anything that could leave a turn unanswered. An
    /// activity without words makes the model drop the question before it: then a nudge is the
    /// cure. The second half of a flushed activity may be like that, and so may late input on a
    /// network that delayed the audio as long as a dead microphone would.
    private func isHealthy(_ world: World) -> Bool {
        swarm.scenario.faults.isEmpty && swarm.dial == .works
            && world.ruleCounts[Rule.flush.index] == 0 && !world.callsWereCrossed
            && !(world.ruleCounts[Rule.deadAir.index] > 0 && lineStutters)
            && [.flush, .emptyActivity, .combined, .noise].allSatisfy { swarm.weight($0) == 0 }
    }

    /// What should not have been done in a healthy conversation.
    private func doctored(_ world: World) -> String? {
        if let first = world.remedies.first { return first }
        let idle: [Rule] = [
            .audioOutsideActivity, .repeatedActivity, .emptyActivity, .deadAir, .noiseHold,
            .emptyTurn, .phantomInterrupted, .goAway, .combinedInput, .earlyInput,
        ]
        if let rule = idle.first(where: { world.ruleCounts[$0.index] > 0 }) {
            return "\(rule.rawValue) was applied"
        }
        if world.remedies.made > 0 { return "a message was made for the client" }
        // A flush has its own by-products.
        if world.remedies.kept > 0, world.ruleCounts[Rule.flush.index] == 0 {
            return "a message was kept from the client"
        }
        return world.clientClose.map { "closed \($0.code)" }
    }

    /// After remedies gemini may have received a turn more than once: each time as it was said, and
    /// none was forgotten.
    private func judgeRecovered(_ world: World) -> Failure? {
        let wanted = expectation.spoken.filter { counts($0.value) }
        var heard: Set<Int16> = []
        for turn in world.service.conversations.flatMap(\.heard.turns) {
            let runs = turn.sound.runs.filter { counts($0.value) }
                .map { Expectation.Run(value: $0.value, samples: $0.samples) }
            heard.formUnion(runs.map(\.value))
            guard swarm.policy.turns.leadIn == .zero else { continue }
            if !isPart(runs, of: wanted, isPrefix: false) {
                return Failure(invariant: "Heard once", what: "said \(wanted), heard \(runs)")
            }
        }
        let isSettled =
            world.remedies.turns[.lost] == nil && world.remedies.turns[.interrupted] == nil
            && world.remedies.missing == .zero
        guard swarm.isManual, isComplete(world), isSettled, swarm.policy.recovery.replay else {
            return nil
        }
        // Audio too short to be speech is no turn. Neither is silence, which is not replayed.
        let words = wanted.filter { $0.value != ClientScript.quiet && !$0.isShort(swarm) }
        let missing = Set(words.map(\.value)).subtracting(heard)
        return missing.isEmpty
            ? nil : Failure(invariant: "Heard once", what: "never heard \(missing.sorted())")
    }

    private func isComplete(_ world: World) -> Bool {
        expectation.isComplete && world.wasSetUp && !world.inputWasDropped
            && world.clientClose == nil
    }

    private func compareSound(_ heard: Heard, _ world: World) -> String? {
        var runs: [Expectation.Run] = []
        for run in heard.turns.flatMap(\.sound.runs) where counts(run.value) {
            if run.value > ClientScript.leaked {
                if swarm.policy.turns.leadIn == .zero {
                    return "heard \(run.samples) samples that leaked around turn "
                        + "\(run.value - ClientScript.leaked)"
                }
                continue
            }
            append(Expectation.Run(value: run.value, samples: run.samples), to: &runs)
        }
        var wanted: [Expectation.Run] = []
        for run in expectation.spoken where counts(run.value) { append(run, to: &wanted) }
        if isComplete(world) {
            if runs == wanted { return nil }
            // Audio too short to be speech is no turn.
            let missing = chunks(wanted).count - chunks(runs).count
            if missing * swarm.samplesPerChunk <= 2 * swarm.samplesHeld * wanted.count,
                isPart(runs, of: wanted, isPrefix: false)
            {
                return nil
            }
            return "said \(wanted), heard \(runs)"
        }
        return isPart(
            runs, of: wanted, isPrefix: !world.inputWasDropped && swarm.samplesHeld == 0)
            ? nil : "said \(wanted), heard at the most \(runs)"
    }

    /// Zero is the proxy's silence; the client's counts if it is part of an activity.
    private func counts(_ value: Int16) -> Bool {
        // Noise may be swallowed, if a policy says so.
        let isNoise = !swarm.isManual || swarm.policy.turns.noiseHold > .zero
        return value != 0 && !(isNoise && value == ClientScript.quiet)
    }

    private func append(_ run: Expectation.Run, to runs: inout [Expectation.Run]) {
        if let last = runs.last, last.value == run.value {
            runs[runs.count - 1].samples += run.samples
        } else {
            runs.append(run)
        }
    }

    /// Nothing received twice, nothing out of order; with `isPrefix`, nothing missing in between.
    private func isPart(
        _ runs: [Expectation.Run], of wanted: [Expectation.Run], isPrefix: Bool
    ) -> Bool {
        let said = chunks(wanted)
        var index = 0
        for value in chunks(runs) {
            while index < said.count, said[index] != value {
                if isPrefix { return false }
                index += 1
            }
            guard index < said.count else { return false }
            index += 1
        }
        return true
    }

    private func chunks(_ runs: [Expectation.Run]) -> [Int16] {
        runs.flatMap { run in
            [Int16](repeating: run.value, count: run.samples / swarm.samplesPerChunk)
        }
    }
}

extension Expectation.Run {
    /// `noise_hold` may take it for noise.
    fileprivate func isShort(_ swarm: RunConfiguration) -> Bool { samples <= swarm.samplesHeld }
}

extension RunConfiguration {
    /// How much of the audio `noise_hold` waits for.
    fileprivate var samplesHeld: Int {
        Int(policy.turns.noiseHold.milliseconds) * Int(ClientWriter.rate) / 1000
    }
}

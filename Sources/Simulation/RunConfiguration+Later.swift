import Basics
import Policies
import SimulatedGemini

/// Added after the first swarms: with a separate random generator, so that older seeds keep their
/// meaning.
extension RunConfiguration {
    /// Faults that a probe enables, by its name.
    private static let laterFaults: [(probe: Probe, fault: String)] = [
        (.streamedCall, "streamed-call"), (.oldTail, "old-tail"),
        (.lateEndOfTurn, "late-end-of-turn"), (.ridersKept, "riders"),
    ]

    /// The faults that every run may have.
    static let olderFaults = Set(Scenario.faultCatalogue.map(\.name))
        .subtracting(laterFaults.map(\.fault))

    mutating func drawLater(_ probes: Set<Probe>) {
        self.probes = probes
        var random = SeededRandom(seed: seed ^ 0x1a7e_c0de)
        for (habit, probe) in ClientBehavior.later {
            let often: [Double] = [0.1, 0.3, 0.8]
            let drawn = often.randomElement(using: &random) ?? 0
            let weight = random.chance(0.7) ? 0 : drawn
            weights[RunConfiguration.index(habit)] = probes.contains(probe) ? weight : 0
        }
        let drawn = Unknowns.drawn(using: &random)
        if probes.contains(.unknowns), random.chance(0.6) { scenario.unknowns = drawn }
        if random.chance(0.2), probes.contains(.handleCadence) {
            scenario.handleEvery = .milliseconds(Int64.random(in: 900...6000, using: &random))
        }
        if random.chance(0.1), probes.contains(.standstill) {
            standstill = (
                after: .milliseconds(Int64.random(in: 500...20_000, using: &random)),
                length: .milliseconds(Int64.random(in: 500...8000, using: &random))
            )
        }
        if weight(.screen) > 0 { policy.limits.buffer = 65_536 }
        drawLaterFaults(probes, &random)
        drawManner()
        if probes.contains(.insertedTranscription), random.chance(0.2) {
            policy.turns.rules[.transcriptionInserted] = .enforce
        }
    }

    /// Legal for a healthy service too.
    mutating func drawManner() {
        guard probes.contains(.manner) else { return }
        var random = SeededRandom(seed: seed ^ 0x3a2e_0000)
        if random.chance(0.4) { scenario.unknowns.drawManner(using: &random) }
    }

    private mutating func drawLaterFaults(_ probes: Set<Probe>, _ random: inout SeededRandom) {
        let names = RunConfiguration.laterFaults.filter { probes.contains($0.probe) }.map(\.fault)
        guard !names.isEmpty, random.chance(0.25) else { return }
        let more = Scenario.drawn(
            using: &random, model: model, faults: Set(names),
            until: scenario.faultsEnd ?? .seconds(60))
        scenario.faults += more.faults
        guard !more.faults.isEmpty else { return }
        scenario.faultsEnd = scenario.faultsEnd ?? more.faultsEnd
        scenario.stampsReplies = true
    }

    /// A healthy but slow model: at most one remedy may be tried, and whatever a nudge does, the
    /// user must not hear an answer twice.
    init(slow model: String, firstSound: Interval, seed: UInt64, probes: Set<Probe> = Probe.on) {
        self.init(healthy: model, seed: seed, probes: probes)
        var random = SeededRandom(seed: seed ^ 0x510_0000)
        turns = 5
        weights = ClientBehavior.allCases.map { _ in 0 }
        scenario = Scenario(name: "slow")
        scenario.firstSound = firstSound
        scenario.stampsReplies = true
        drawManner()
        scenario.unknowns.nudge = Unknowns.Nudge.allCases.randomElement(using: &random) ?? .wakes
        calm = Calm()
        calm?.patience = firstSound + .seconds(8)
    }
}

extension Unknowns {
    static func drawn(using random: inout SeededRandom) -> Unknowns {
        var answers = Unknowns()
        answers.nudge = Nudge.allCases.randomElement(using: &random) ?? .wakes
        answers.cancellationInterrupts = random.chance(0.5)
        answers.obeysGoOn = random.chance(0.5)
        answers.openCall = OpenCall.allCases.randomElement(using: &random) ?? .forgotten
        answers.answersSeeds = random.chance(0.3)
        return answers
    }

    mutating func drawManner(using random: inout SeededRandom) {
        let ends: [TurnEnd] = [.apart, .apart, .together, .bare]
        turnEnd = ends.randomElement(using: &random) ?? .apart
        interruptsTogether = random.chance(0.3)
        interruptsUnheard = random.chance(0.5)
        let bundles: [Bool?] = [nil, true, false]
        bundlesWords = bundles.randomElement(using: &random) ?? nil
        let late: [Int64] = [0, 0, 0, 400, 1200, 5000]
        lateWords = .milliseconds(late.randomElement(using: &random) ?? 0)
        sendsInterimWords = random.chance(0.3)
        separatesUsage = random.chance(0.3)
        let cadence: [Handles] = [.turns, .turns, .turns, .start, .questions]
        handles = cadence.randomElement(using: &random) ?? .turns
        countsMessages = random.chance(0.4)
        chatter = [0, 0, 0.1, 0.4].randomElement(using: &random) ?? 0
        callsInPairs = random.chance(0.4)
        speaksBeforeCalls = random.chance(0.4)
    }
}

import Basics
import Policies
import SimulatedGemini
import Wire

/// Everything that makes up one run, drawn from its seed: each run switches some behaviors off and
/// weights the rest widely, so that rare combinations do not disappear in the average.
struct RunConfiguration: CustomStringConvertible {
    let seed: UInt64
    var model = ""
    var isManual = true
    var turns = 1
    /// Probability of each behavior, where it is possible.
    var weights: [Double]
    /// One-way latency of the client's and gemini's network, in milliseconds.
    var clientLatency: ClosedRange<Int64> = 1...1
    var geminiLatency: ClosedRange<Int64> = 1...1
    var isSnakeCase = false
    var opcode = Opcode.text
    var samplesPerChunk = 20
    var policy = Policy()
    var scenario = Scenario.healthy
    var voice = Voice.tones
    var dial = Dial.works
    /// The policy's replacement for a failing model.
    var sibling: String?
    /// Earlier sessions have found the model to fail.
    var isSpared = false
    var noInterruption = false
    /// A healthy run, in which the proxy must not interfere.
    var calm: Calm?
    /// What is tried and checked in addition to the first kinds of runs.
    var probes = Probe.on
    /// The proxy's process stands still, at this time.
    var standstill: (after: Interval, length: Interval)?
    /// The operator drains at this time.
    var drain: Interval?
    var reload: Interval?

    enum Dial: String { case works, fails, refused, timesOut }

    init(seed: UInt64, disabled: Rule?, probes: Set<Probe> = Probe.on) {
        self.seed = seed
        var random = SeededRandom(seed: seed)
        weights = ClientBehavior.first.map { _ in
            random.chance(0.5) ? 0 : [0.02, 0.1, 0.3, 0.8].randomElement(using: &random) ?? 0
        }
        weights += ClientBehavior.later.map { _ in 0 }
        // A run in which the client leaves early covers little else.
        for habit in [ClientBehavior.vanish, .malformed, .secondSetup] where random.chance(0.7) {
            weights[RunConfiguration.index(habit)] = 0
        }
        model =
            [
                "gemini-3.1-flash-live-preview", "gemini-3.8-live",
                "gemini-2.5-flash-native-audio-preview-12-2025",
                "gemini-3.8-live-extended-thinking",
            ].randomElement(using: &random) ?? ""
        isManual = random.chance(0.7)
        turns = Int.random(in: 1...4, using: &random)
        clientLatency = RunConfiguration.latency(&random)
        geminiLatency = RunConfiguration.latency(&random)
        isSnakeCase = random.chance(0.5)
        opcode = random.chance(0.8) ? .text : .binary
        samplesPerChunk = random.chance(0.9) ? 20 : 100
        noInterruption = random.chance(0.15)
        if random.chance(0.02) {
            dial = [.fails, .refused, .timesOut].randomElement(using: &random) ?? .works
        }
        drawPolicy(&random)
        drawScenario(&random)
        if random.chance(0.05) {
            drain = .milliseconds(Int64.random(in: 0...30_000, using: &random))
        }
        if random.chance(0.1) {
            reload = .milliseconds(Int64.random(in: 0...20_000, using: &random))
        }
        // Short enough for the shortest word of a simulated client.
        if random.chance(0.3) { policy.turns.noiseHold = .milliseconds(40) }
        drawSibling(&random)
        drawLater(probes)
        if let disabled { policy.turns.rules[disabled] = .off }
    }

    private mutating func drawSibling(_ random: inout SeededRandom) {
        guard random.chance(0.25) else { return }
        let other = [
            "gemini-3.1-flash-live-preview", "gemini-3.8-live",
            "gemini-2.5-flash-native-audio-preview-12-2025",
        ].randomElement(using: &random)
        guard let other, other != model else { return }
        sibling = other
        policy.models.fallback = [model: [other]]
        isSpared = random.chance(0.4)
    }

    private static func latency(_ random: inout SeededRandom) -> ClosedRange<Int64> {
        let low = Int64.random(in: 0...60, using: &random)
        let spread: Int64 = random.chance(0.2) ? 600 : 30
        return low...(low + Int64.random(in: 0...spread, using: &random))
    }

    private mutating func drawPolicy(_ random: inout SeededRandom) {
        policy.turns.deadAir = .milliseconds(Int64.random(in: 700...2500, using: &random))
        if random.chance(0.2) { policy.turns.leadIn = .milliseconds(300) }
        if random.chance(0.3) {
            policy.turns.rules[.shortActivity] = .enforce
            policy.turns.minActivity = .milliseconds(Int64.random(in: 50...900, using: &random))
        }
        if random.chance(0.1) { policy.limits.buffer = 4096 }
        policy.turns.pause = .milliseconds(Int64.random(in: 600...1500, using: &random))
    }

    private mutating func drawScenario(_ random: inout SeededRandom) {
        scenario.name = "simulation"
        scenario.latency = [0.2, 1, 2].randomElement(using: &random) ?? 1
        if random.chance(0.3) { scenario.replyRepeats = Int.random(in: 2...16, using: &random) }
        if random.chance(0.5) { drawFaults(&random) }
        if noInterruption {
            // Each turn waits for earlier answers: they must be short, or no run would end.
            scenario.latency = 0.2
            scenario.replyRepeats = 1
        }
    }

    /// A faulty service, for a while, and the patience with it.
    private mutating func drawFaults(_ random: inout SeededRandom) {
        let sick = Scenario.drawn(
            using: &random, model: model, faults: RunConfiguration.olderFaults,
            until: .seconds(Int64.random(in: 3...60, using: &random)))
        scenario.faults = sick.faults
        scenario.faultsEnd = sick.faultsEnd
        scenario.stampsReplies = true
        if random.chance(0.6) {
            policy.recovery.attempts = 40
            policy.recovery.window = .seconds(120)
            policy.recovery.perSession = 200
            policy.recovery.per10Minutes = 200
        }
        if random.chance(0.1) { policy.recovery.attempts = 0 }
        if random.chance(0.1) { policy.recovery.replay = false }
        if random.chance(0.1) { policy.recovery.rebuild = false }
        if random.chance(0.2) { policy.stalls.nudges = 0 }
        policy.recovery.cutReply = Policy.CutReply.allCases.randomElement(using: &random) ?? .auto
    }

    static func index(_ habit: ClientBehavior) -> Int {
        ClientBehavior.allCases.firstIndex(of: habit) ?? 0
    }

    func weight(_ habit: ClientBehavior) -> Double { weights[RunConfiguration.index(habit)] }

    var description: String {
        let habits = ClientBehavior.allCases.filter { weight($0) > 0 }
            .map { "\($0.rawValue) \(weight($0))" }.joined(separator: ", ")
        let rules = Rule.allCases.filter { policy.turns.rules[$0] != Rules()[$0] }
            .map { "\($0.rawValue) \(policy.turns.rules[$0].rawValue)" }.joined(separator: ", ")
        return """
            \(model), \(isManual ? "manual" : "automatic") VAD, \(turns) turns, \
            sibling \(sibling ?? "none")\(isSpared ? ", spared" : ""), network \(clientLatency) and \(geminiLatency) ms, \(isSnakeCase ? "snake" : "camel") \
            case, \(samplesPerChunk) samples a chunk, dial \(dial.rawValue), \
            no_interruption \(noInterruption)
            habits: \(habits)
            policy: dead_air \(policy.turns.deadAir.milliseconds) ms, \
            noise_hold \(policy.turns.noiseHold.milliseconds) ms, \
            lead_in \(policy.turns.leadIn.milliseconds) ms, \
            min_activity \(policy.turns.minActivity.milliseconds) ms, \
            pause \(policy.turns.pause.milliseconds) ms, buffer \(policy.limits.buffer); \(rules)
            service: latency x\(scenario.latency), \(scenario.replyRepeats) repeats, \
            thinks \(scenario.thinks.milliseconds) ms, declines \(scenario.declines), \
            tools \(calm?.toolTime ?? 0...0) ms, proactive \(calm?.isProactive ?? false), \
            faults \(scenario.faults.map(\.name)); drain after \(drain?.milliseconds ?? -1) ms, \
            reload after \(reload?.milliseconds ?? -1) ms, stands still \(standstill.map { "\($0.length) after \($0.after)" } ?? "never")
            unknown: \(scenario.unknowns), handles every \(scenario.handleEvery ?? .zero), first sound \(scenario.firstSound ?? .zero)
            """
    }
}

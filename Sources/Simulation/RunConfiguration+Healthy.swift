import Basics
import Policies
import SimulatedGemini

/// What may happen in a conversation without any fault: the proxy must not interfere with any of
/// it.
struct Calm {
    /// The client asked for proactive audio.
    var isProactive = false
    /// Milliseconds a tool takes.
    var toolTime: ClosedRange<Int64> = 50...5000
    /// How often the user says a word, is silent for seconds, and says the rest.
    var hesitation = 0.0
    /// How long the user waits for thoughts and tools.
    var patience = Interval.seconds(6)
}

/// One model for each family of profiles, for `simulate(seed:healthy:)`.
public let healthyModels = [
    "gemini-2.0-flash-live-001", "gemini-2.5-flash-native-audio-preview-12-2025",
    "gemini-3.1-flash-live-preview", "gemini-3.8-live", "gemini-3.8-live-extended-thinking",
    "gemini-3.5-live-translate-preview", "gemini-3.5-transcribe-live",
]

extension RunConfiguration {
    /// A run with a healthy service and a correct client: the service may think for minutes, be
    /// slow, say nothing where that is legal, and wait long for its tools.
    init(healthy model: String, seed: UInt64, probes: Set<Probe> = Probe.on) {
        self.init(seed: seed, disabled: nil, probes: probes)
        standstill = nil
        var random = SeededRandom(seed: seed ^ 0xca_1100)
        let profile = Profiles.builtIn.profile(for: model)
        self.model = model
        policy = Policy()
        dial = .works
        sibling = nil
        isSpared = false
        noInterruption = false
        drain = nil
        reload = nil
        // A network that delays audio by a second looks like a dead microphone.
        clientLatency =
            clientLatency
            .lowerBound...min(
                clientLatency.upperBound, clientLatency.lowerBound + 250)
        isManual = !profile.isContinuous && random.chance(0.6)
        weights = ClientBehavior.allCases.map { _ in 0 }
        for habit in [ClientBehavior.silence, .bargeIn, .longSpeech, .video]
        where random.chance(0.4) {
            weights[RunConfiguration.index(habit)] = 0.3
        }
        var calm = Calm()
        calm.hesitation = random.chance(0.5) ? 0.5 : 0
        calm.isProactive = random.chance(0.4)
        scenario = Scenario(name: "healthy")
        drawManner()
        scenario.latency = RunConfiguration.slowness(profile, geminiLatency.upperBound, &random)
        if random.chance(0.3) { scenario.replyRepeats = Int.random(in: 2...40, using: &random) }
        if random.chance(0.5) { scenario.declines = 0.4 }
        if !profile.isContinuous {
            drawPatience(&calm, &random)
            if random.chance(0.5) { weights[RunConfiguration.index(.text)] = 0.3 }
        }
        self.calm = calm
    }

    private mutating func drawPatience(_ calm: inout Calm, _ random: inout SeededRandom) {
        if random.chance(0.5) {
            scenario.thinks = .seconds(Int64.random(in: 5...240, using: &random))
        }
        if random.chance(0.5) {
            weights[RunConfiguration.index(.tool)] = 0.5
            if random.chance(0.6) { calm.toolTime = 20_000...100_000 }
        }
        let longest = max(scenario.thinks, .milliseconds(calm.toolTime.upperBound))
        calm.patience = longest + .seconds(15)
    }

    /// How much slower than usual the model may be before its profile considers it mute.
    private static func slowness(
        _ profile: Profile, _ network: Int64, _ random: inout SeededRandom
    ) -> Double {
        // The family's longest time to first sound, plus the network's delay.
        let allowed = profile.soft.milliseconds - 2 * network - 300
        let most = Double(allowed) / 1500
        return [0.2, 1, most / 2, most].randomElement(using: &random) ?? 1
    }

    /// The API version in the upgrade's path: proactive audio is not in every version.
    var apiVersion: String { calm?.isProactive ?? false ? "v1alpha" : "v1beta" }
}

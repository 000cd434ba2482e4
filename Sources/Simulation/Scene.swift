import Basics
public import Policies
public import SimulatedGemini
public import Wire

/// One fixed conversation, played on the virtual clock by a correct client through a real session:
/// the same lines whatever the service does, so that a faulty service can be compared with a
/// healthy one.
public struct Scene: Sendable, CustomStringConvertible {
    public enum Plot: String, CaseIterable, Sendable {
        /// Typed and spoken turns.
        case talk
        /// One of them calls a tool.
        case tool
        /// The user interrupts an answer.
        case bargeIn = "barge_in"
    }

    public var model: String
    public var isManual: Bool
    public var plot: Plot
    public var policy = Policy()
    public var scenario = Scenario.healthy
    /// Answers name the utterance they answer.
    public var isStamped = true
    public var seed: UInt64 = 1
    /// Duration of each of the user's utterances, in tenths of a second; at least 8.
    public var utterance = 12

    public init(model: String, isManual: Bool, plot: Plot) {
        self.model = model
        self.isManual = isManual
        self.plot = plot
    }

    public var description: String {
        "\(model), \(isManual ? "manual" : "automatic"), \(plot.rawValue)"
    }

    public func play(isVerbose: Bool = false) -> Performance {
        let world = World(
            RunConfiguration(self), guest: ScriptedClient(self), isVerbose: isVerbose)
        let failure = world.run()
        let listener = world.guest?.listener ?? Listener()
        return Performance(
            turns: listener.turns, setups: listener.setups, close: world.clientClose,
            failure: failure, remedies: world.remedies, reached: Coverage.names(of: world.reached),
            strikes: world.service.strikeCounts,
            transcript: world.transcript ?? [])
    }
}

/// What the client got of a scene.
public struct Performance: Sendable {
    public var turns: [Listener.Turn]
    /// How often the client received `setupComplete`.
    public var setups: Int
    /// A close that the client did not ask for.
    public var close: Close?
    /// An invariant that was broken.
    public var failure: Failure?
    public var remedies: Remedies
    /// Facts that occurred, by name.
    public var reached: Set<String>
    /// How often each fault occurred.
    public var strikes: [String: Int]
    /// Line by line; empty unless requested.
    public var transcript: [String]
}

extension RunConfiguration {
    /// Correct behavior, and a good network.
    init(_ scene: Scene) {
        seed = scene.seed
        weights = ClientBehavior.allCases.map { _ in 0 }
        model = scene.model
        isManual = scene.isManual
        clientLatency = 5...10
        geminiLatency = 20...30
        policy = scene.policy
        scenario = scene.scenario
        scenario.stampsReplies = scene.isStamped
        voice = ScriptedClient.voice
    }
}

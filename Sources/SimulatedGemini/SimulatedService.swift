public import Basics

/// The service as a whole: what its connections share. Owned and driven by one thread; give each
/// thread its own.
public final class SimulatedService {
    public let scenario: Scenario
    public let voice: Voice
    /// Every conversation ever set up, oldest first; a resumed one keeps its place.
    public internal(set) var conversations: [Conversation] = []
    /// Violations of connections that never became part of a conversation.
    public internal(set) var earlyViolations: [Heard.Violation] = []

    var random: SeededRandom
    var handles: [String: Ticket] = [:]
    /// Connections ever opened.
    public internal(set) var connectionCount = 0
    /// How often each fault of the scenario occurred, in all conversations together.
    var strikes: [Int]
    /// Inputs that a lost connection left unanswered, by key, with their conversations' numbers: a
    /// client that starts over repeats them.
    var orphans: [UInt64: [Int]] = [:]
    /// Number of unknown fields added so far.
    var riders = 0
    /// When it was first dialed.
    var startedAt: Instant?

    /// Everything this service will ever do follows from these three and its events.
    public init(seed: UInt64, scenario: Scenario = .healthy, voice: Voice = .tones) {
        self.scenario = scenario
        self.voice = voice
        random = SeededRandom(seed: seed)
        strikes = [Int](repeating: 0, count: scenario.faults.count)
    }

    /// How often each fault of the scenario occurred, by name.
    public var strikeCounts: [String: Int] {
        Dictionary(zip(scenario.faults.map(\.name), strikes), uniquingKeysWith: +)
    }

    /// Whether the scenario's faults are over: none occurs, and no model is mute.
    func isHealed(at now: Instant) -> Bool {
        guard let end = healedAt else { return false }
        return now >= end
    }

    /// When the scenario's faults end; `nil` if never, or not started.
    public var healedAt: Instant? {
        guard let length = scenario.faultsEnd, let startedAt else { return nil }
        return startedAt + length
    }

    /// A new WebSocket connection; its first event is `.opened`.
    public func connect() -> SimulatedConnection {
        connectionCount += 1
        return SimulatedConnection(
            number: connectionCount, service: self, random: random.fork())
    }

    /// The number of violations, to notice new ones cheaply.
    public internal(set) var violationCount = 0

    /// Every violation of every conversation, and of connections without one.
    public var violations: [Heard.Violation] {
        earlyViolations + conversations.flatMap(\.heard.violations)
    }
}

import Basics

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

    /// Everything this service will ever do follows from these three and its events.
    public init(seed: UInt64, scenario: Scenario = .healthy, voice: Voice = .tones) {
        self.scenario = scenario
        self.voice = voice
        random = SeededRandom(seed: seed)
    }

    /// A new WebSocket connection; its first event is `.opened`.
    public func connect() -> SimulatedConnection {
        connectionCount += 1
        return SimulatedConnection(
            number: connectionCount, service: self, random: random.fork())
    }

    /// How many violations there are, to notice new ones cheaply.
    public internal(set) var violationCount = 0

    /// Every violation of every conversation, and of connections without one.
    public var violations: [Heard.Violation] {
        earlyViolations + conversations.flatMap(\.heard.violations)
    }
}

import Basics
import SimulatedGemini

/// One gemini connection, and how far its messages have come.
struct SimulatedLink {
    var connection: SimulatedConnection?
    var isGone = false
    /// The service reads nothing, pings included; when the oldest of them was sent.
    var isPaused = false
    var pingedAt: Instant?
    var lastUp = Instant(nanoseconds: 0)
    var lastDown = Instant(nanoseconds: 0)
    private var grammar = ServerGrammar()
    /// The service itself spoke two answers into one another here.
    private(set) var isGarbled = false

    /// What the service says.
    mutating func said(_ bytes: [UInt8], at now: Instant) {
        switch grammar.take(bytes, at: now) {
        case .speechAfterGeneration, .speechAfterInterruption: isGarbled = true
        case .secondSetupComplete, .contentBeforeSetup, .callTwice, nil: break
        }
    }
}

import Basics
import SimulatedGemini

/// One gemini connection, and the progress of its messages.
struct SimulatedLink {
    var connection: SimulatedConnection?
    var isGone = false
    /// The service reads nothing, pings included; when the oldest of them was sent.
    var isPaused = false
    var pingedAt: Instant?
    var lastUp = Instant(nanoseconds: 0)
    var lastDown = Instant(nanoseconds: 0)
    private var grammar = ServerGrammar()
    /// The service itself mixed two answers here.
    private(set) var isGarbled = false

    /// Output of the service.
    mutating func said(_ bytes: [UInt8], at now: Instant) {
        switch grammar.check(bytes, at: now) {
        case .speechAfterGeneration, .speechAfterInterruption: isGarbled = true
        case .secondSetupComplete, .contentBeforeSetup, .callTwice, nil: break
        }
    }
}

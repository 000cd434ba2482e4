import Basics
import SimulatedGemini

/// One gemini connection, and how far its messages have come.
struct Leg {
    var connection: SimulatedConnection?
    var isGone = false
    var lastUp = Instant(nanoseconds: 0)
    var lastDown = Instant(nanoseconds: 0)
}

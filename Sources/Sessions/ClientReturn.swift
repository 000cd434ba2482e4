import Basics
import Wire

/// The conversation beyond the session: the handle the client knows it by, and the one it came
/// with.
struct ClientReturn {
    /// Ours, as the client is shown it; empty: gemini's are passed on.
    var handle = ""
    /// The session the client says it belongs to; empty where it says nothing.
    var session = ""
    /// A setup that waits for what becomes of its claim.
    var waiting: OutboundMessage?
    /// What it claims.
    var claim: Claim?
    /// Answered before gemini's connection could take the setup.
    var answer: Recalled?
    /// The setup's claim has been dealt with.
    var isSettled = false
    /// The conversation began in an earlier session.
    var memory: Memory?
    /// The client can find the session by its handle, or its id.
    var isOffered = false
    /// What the setup declared.
    var tools: UInt64 = 0
    /// Something was said while no words might be kept; they are not told apart.
    var hasUnkeptWords = false
}

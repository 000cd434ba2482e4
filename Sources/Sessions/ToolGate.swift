import Basics
import Wire

/// For families that close on real-time input during a call (failure catalogue 4.5): from the call
/// on, the client's input waits here until the result has been sent, because the user may speak
/// meanwhile, and is answered like a user who speaks as an answer begins. Clients may send their
/// sound faster than it was spoken.
struct ToolGate: ~Copyable {
    private var waiting = EarlyInput()
    private var shutAt: Instant?

    /// While a tool takes longer, its client is not heard for longer; the clients in the reports
    /// waited ten seconds before they took the risk (failure catalogue 4.5).
    static let patience = Interval.seconds(10)

    /// Bytes kept.
    var size: Int { @inline(__always) get { waiting.isEmpty ? 0 : waiting.size } }
    /// Sound in it.
    var audio: Interval { waiting.audio }
    var isShut: Bool { shutAt != nil }
    var isHolding: Bool { !waiting.isEmpty }
    var deadline: Instant? { shutAt.map { $0 + Self.patience } }

    mutating func shut(at now: Instant) { shutAt = shutAt ?? now }

    /// False if the rest does not fit even without audio and pictures.
    ///
    /// - Parameters:
    ///   - limit: Bytes.
    ///   - hold: Audio.
    mutating func hold(
        _ outbound: OutboundMessage, limit: Int, hold: Interval, into out: inout Actions
    ) -> Bool {
        waiting.hold(outbound, limit: limit, hold: hold, cutsPauses: false, into: &out)
    }

    /// Keeps less, as far as dropping pictures and audio suffices.
    mutating func shrink(by bytes: Int, into out: inout Actions) {
        if bytes > 0, isHolding { waiting.shrink(to: max(0, size - bytes), into: &out) }
    }

    /// Opens the gate; returns what is to be sent now, in order.
    mutating func open(into out: inout Actions) -> [OutboundMessage] {
        waiting.tellDropped(into: &out)
        shutAt = nil
        return waiting.release()
    }
}

extension ClientMessage.Input {
    /// Sound, wherever it is.
    static let sound: Self = [.audio, .mediaChunks]
    static var boundaries: Self { [.activityStart, .activityEnd, .audioStreamEnd] }

    func contains(anyOf others: Self) -> Bool { !isDisjoint(with: others) }
}

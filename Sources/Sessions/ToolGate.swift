import Basics
import Policies
import Wire

/// For families that close on real-time input during a call (failure catalogue 4.5): from the call
/// on, the client's input waits here until the result has been sent. Everything is kept except
/// older pictures, because the user may speak meanwhile, and is answered like a user who speaks as
/// an answer begins.
struct ToolGate: ~Copyable {
    private var queue: [OutboundMessage] = []
    private(set) var size = 0
    /// Duration of the audio in `queue`, and of dropped audio.
    private var audio = Interval.zero
    private var dropped = Interval.zero
    /// Pictures that were dropped, for newer ones or for room.
    private var replaced = 0
    private var shutAt: Instant?

    /// While a tool takes longer, its client is not heard for longer; the clients in the reports
    /// waited ten seconds before they took the risk (failure catalogue 4.5).
    static let patience = Interval.seconds(10)
    /// The most audio that is kept: clients may send it faster than it was spoken.
    static let mostAudio = patience + patience

    var isShut: Bool { shutAt != nil }
    var isHolding: Bool { !queue.isEmpty }
    var deadline: Instant? { shutAt.map { $0 + Self.patience } }

    mutating func shut(at now: Instant) { shutAt = shutAt ?? now }

    /// False if the rest does not fit even without audio.
    mutating func hold(_ outbound: OutboundMessage, limit: Int) -> Bool {
        if outbound.message.isPlainPicture { dropPicture() }
        queue.append(outbound)
        size += outbound.footprint
        audio = audio + outbound.message.audioDuration
        // No word is dropped for a picture.
        if size > limit { dropPicture() }
        while audio > Self.mostAudio || size > limit {
            guard let oldest = queue.firstIndex(where: \.isPlainAudio) else { break }
            drop(queue.remove(at: oldest))
        }
        return size <= limit
    }

    /// Opens the gate; returns what is to be sent now, in order.
    mutating func open(into out: inout Actions) -> [OutboundMessage] {
        let (kept, held) = (queue, size)
        assert(held == kept.reduce(0) { $0 + $1.footprint }, "held bytes were miscounted")
        if dropped > .zero { out.note(.inputDropped(dropped)) }
        if replaced > 0 { out.note(.picturesReplaced(replaced)) }
        self = ToolGate()
        return kept
    }

    private mutating func dropPicture() {
        guard let old = queue.lastIndex(where: { $0.message.isPlainPicture }) else { return }
        size -= queue.remove(at: old).footprint
        replaced += 1
    }

    private mutating func drop(_ outbound: OutboundMessage) {
        size -= outbound.footprint
        audio = audio - outbound.message.audioDuration
        dropped = dropped + outbound.message.audioDuration
    }
}

extension OutboundMessage {
    var isPlainAudio: Bool { message.isPlainSound }
    /// Old audio and pictures give way to anything else that waits.
    var isPlainMedia: Bool { message.isPlainSound || message.isPlainPicture }
}

extension ClientMessage.Input {
    /// Sound, wherever it is.
    static let sound: Self = [.audio, .mediaChunks]
    static var boundaries: Self { [.activityStart, .activityEnd, .audioStreamEnd] }

    func contains(anyOf others: Self) -> Bool { !isDisjoint(with: others) }
}

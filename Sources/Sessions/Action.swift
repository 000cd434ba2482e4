public import Policies
public import Wire

/// What a session asks of its shell, in order. Small and plain: lists add, compounds multiply.
public enum Action: Equatable, Sendable {
    /// The message in hand, as it came, to the other peer.
    case forward
    /// Bytes the session made, rewrote or kept.
    case send(Peer, [UInt8], Opcode)
    /// Open gemini connection number `ConnectionID`: connect, TLS, upgrade. The one in use stays so.
    case dial(ConnectionID)
    /// From now on this is gemini; the one before is closed or on its way there.
    case use(ConnectionID)
    /// End a connection that is not in use, without a word.
    case drop(ConnectionID)
    /// Answer the client's upgrade with 101.
    case accept
    /// Answer the client's upgrade with an HTTP error.
    case refuse(Refusal)
    case ping(Peer)
    /// Read nothing more from the peer, until `resume`.
    case pause(Peer)
    case resume(Peer)
    /// Say `.chosen` before any other event: whether to have the model with this id, or a sibling
    /// of `models.fallback`. The setup waits for it.
    case choose(model: String)
    /// The bounds of both connections from now on.
    case limit(Policy.Limits)
    /// Close frame, closing handshake, end. `Close.abnormal` ends without a frame.
    case close(Peer, Close)
    /// Find out what is left of the conversation the client claims, and tell by `recalled`. The
    /// number is its setup's: a parked session takes the client back only if its own is the same.
    case recall(Claim, UInt64)
    /// From now on a client that shows the handle, or this session's id, finds this session; alive
    /// only if it `parks`.
    case offer(String, UInt64, parks: Bool)
    /// What the handle would stand for, were the process to die now; without what was said, which
    /// would be written again with every turn.
    indirect case keep(String, Memory)
    /// The session is over; what the handle stands for now, or nothing new.
    indirect case retire(String, Memory?)
    case note(Fact)
}

/// An HTTP answer in place of a 101.
public struct Refusal: Equatable, Sendable {
    public var status: Int
    public var contentType: String
    public var body: [UInt8]
    public var retryAfter: String
    /// The same for a client that has its 101 already.
    public var close: Close

    public init(
        status: Int, contentType: String = "application/json", body: [UInt8],
        retryAfter: String = "", close: Close
    ) {
        self.close = close
        self.status = status
        self.contentType = contentType
        self.body = body
        self.retryAfter = retryAfter
    }
}

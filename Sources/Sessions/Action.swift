public import Policies
public import Wire

/// What a session asks its shell to do, in order. Small and plain: lists add, compounds multiply.
public enum Action: Equatable, Sendable {
    /// Forward the current message, unchanged, to the other peer.
    case forward
    /// Send bytes that the session made, rewrote or kept.
    case send(Peer, [UInt8], Opcode)
    /// Open gemini connection number `ConnectionID`: connect, TLS, upgrade. The current one stays
    /// in use.
    case dial(ConnectionID)
    /// From now on this is gemini's connection; the previous one is closed or closing.
    case use(ConnectionID)
    /// End a connection that is not in use, without a close frame.
    case drop(ConnectionID)
    /// Answer the client's upgrade with 101.
    case accept
    /// Answer the client's upgrade with an HTTP error.
    case refuse(Refusal)
    case ping(Peer)
    /// Stop reading from the peer, until `resume`.
    case pause(Peer)
    case resume(Peer)
    /// Send `.chosen` before any other event: whether to use the model with this id, or a sibling
    /// of `models.fallback`. The setup waits for it.
    case choose(model: String)
    /// The limits of both connections from now on.
    case limit(Policy.Limits)
    /// Close frame, closing handshake, end. `Close.abnormal` ends without a frame.
    case close(Peer, Close)
    /// Look up the memory of the claimed conversation, and report it with `recalled`. The number is
    /// the setup's hash: a parked session accepts the client's return only if its own hash is
    /// equal.
    case recall(Claim, UInt64)
    /// From now on a client with this handle, or this session's id, finds this session; while alive
    /// only if it `parks`.
    case offer(String, UInt64, parks: Bool)
    /// What the handle would stand for if the process died now; includes the transcript only if
    /// other nodes may continue the conversation, because it is written again with every turn.
    indirect case keep(String, Memory)
    /// The session is over: what the handle now stands for, or nothing new.
    indirect case retire(String, Memory?)
    case note(Fact)
}

/// An HTTP answer instead of a 101.
public struct Refusal: Equatable, Sendable {
    public var status: Int
    public var contentType: String
    public var body: [UInt8]
    public var retryAfter: String
    /// The same for a client that has received its 101.
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

public import Basics
public import Policies
public import Wire

/// Number of a session's gemini connection: 1 is the first. Messages from older ones are recognised
/// by it and ignored.
public typealias ConnectionID = UInt32

/// Everything a session must know. The bytes of a message accompany the event, as the `payload` of
/// `Session.handle`, and stay valid until its actions are drained.
public enum Event: Equatable, Sendable {
    /// The client asked for the upgrade; it has not been answered yet.
    case opened
    case clientSent(ClientMessage, Opcode)
    case clientSentMalformed(Malformed, Opcode)
    /// The dialed connection answered 101 and can take messages.
    ///
    /// - Parameter isWarm: It was opened before it was wanted (`upstream.warm`).
    case dialed(ConnectionID, isWarm: Bool = false)
    case dialFailed(ConnectionID, DialFailure)
    case geminiSent(ServerMessage, Opcode, ConnectionID)
    case geminiSentMalformed(Malformed, Opcode, ConnectionID)
    /// The time between a ping and its pong.
    case geminiPonged(ConnectionID, Interval)
    case clientPonged(Interval)
    /// Close frame or end of the connection; `Close.abnormal` if there was no frame.
    case clientClosed(Close)
    case geminiClosed(ConnectionID, Close)
    /// A peer violated RFC 6455 or a limit; the transport has stopped reading from it.
    case clientViolated(Close)
    case geminiViolated(ConnectionID, Close)
    /// More than `limits.buffer` has been unread by the client for too long.
    case clientStuck(buffered: Int)
    /// Whether more than `limits.buffer` is unread by the client. Meanwhile gemini is not read, so
    /// its silence means nothing.
    case clientBehind(Bool)
    /// The client has not been read until now, because gemini accepts nothing, the client was too
    /// fast or memory is short: its silence means nothing. Before a `wokeUp`.
    case clientUnread
    /// `deadline` has passed.
    case wokeUp
    /// By reference: all sessions of a tenant share it.
    case policyChanged(Boxed<Policy>)
    /// A budget of the policy is used up; the shell counts cost and tokens.
    case limitReached(Limit)
    /// The answer to `.choose`: the model, or its replacement; ids.
    case chosen(model: String)
    /// How long to wait for this session's model on this deployment.
    case learned(LearnedClocks)
    /// Finish by this time.
    case drained(by: Instant)
    /// The answer to `recall`.
    indirect case recalled(Recalled)
    /// The client of a parked session has returned; its new setup is the payload.
    case clientReturned(Opcode)
    /// The client has returned elsewhere, with a request that this session cannot fulfil.
    case superseded
    /// Another node continues the conversation, and this one must not.
    case movedAway
    /// Memory is short: release what is kept for convenience only.
    case memoryShort
}

/// Why a dial did not lead to an open WebSocket connection.
public enum DialFailure: Equatable, Sendable {
    /// The upgrade was answered with this HTTP status and body; headers other than `Content-Type`
    /// and `Retry-After` are not kept.
    case refused(status: Int, contentType: String, body: [UInt8], retryAfter: String)
    /// Name look-up, connect, TLS or the upgrade itself failed; a description without secrets.
    case unreachable(String)
    case timedOut(String)
}

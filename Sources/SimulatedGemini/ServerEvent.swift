public import Wire

/// An event of one WebSocket connection of the service. The bytes of a message accompany the event,
/// as the `payload` of `SimulatedConnection.handle`.
public enum ServerEvent: Equatable, Sendable {
    /// A client asks for the upgrade. Always first, once.
    case opened(Upgrade)
    case received(Opcode)
    /// `deadline` has passed.
    case wokeUp
    /// The connection ended; `Close.abnormal` if there was no close frame.
    case closed(Close)
}

/// The parts of an upgrade request that the service reads.
public struct Upgrade: Equatable, Sendable {
    /// The request target as sent, query included.
    public var target: String
    /// `x-goog-api-key`; empty if absent.
    public var apiKey: String
    /// `Authorization`; empty if absent.
    public var authorization: String

    public init(target: String, apiKey: String = "", authorization: String = "") {
        self.target = target
        self.apiKey = apiKey
        self.authorization = authorization
    }
}

/// What the shell must do, in order.
public enum ServerAction: Equatable, Sendable {
    /// Answer the upgrade with 101.
    case accept
    /// Answer it with an HTTP error instead; the body is JSON.
    case refuse(status: Int, body: String)
    case send([UInt8], Opcode)
    /// Close frame, then the closing handshake.
    case close(Close)
    /// End the connection without a close frame.
    case abort
    /// Stop reading from the socket, pings included, as a frozen process does.
    case pauseReading
    case resumeReading
}

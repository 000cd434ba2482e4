public import Basics
public import WebSocket

/// Where an upstream is.
public struct Endpoint: Hashable, Sendable {
    public var isSecure: Bool
    /// A name or a literal address, IPv6 without brackets.
    public var host: String
    public var port: UInt16

    public init(isSecure: Bool, host: String, port: UInt16) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
    }
}

/// How to reach an upstream and what to ask of it.
public struct DialRequest: Sendable {
    public var endpoint: Endpoint
    /// Path and query, as the client sent them.
    public var target: String
    /// Go out as they are: see `forwardable`.
    public var headers: [HeaderField]
    public var subprotocols: [String]
    /// Used where the endpoint is secure.
    public var tls: ClientTLS
    /// From the look-up to the 101.
    public var timeout: Interval
    public var limits: ConnectionLimits

    public init(
        endpoint: Endpoint, target: String, headers: [HeaderField] = [],
        subprotocols: [String] = [], tls: ClientTLS, timeout: Interval = .seconds(5),
        limits: ConnectionLimits = ConnectionLimits()
    ) {
        self.endpoint = endpoint
        self.target = target
        self.headers = headers
        self.subprotocols = subprotocols
        self.tls = tls
        self.timeout = timeout
        self.limits = limits
    }
}

/// The bounds of a connection's memory, in bytes.
public struct ConnectionLimits: Sendable, BitwiseCopyable {
    /// The longest message taken in (`limits.message`).
    public var message: Int
    /// Output waiting for the peer from which on its source is not read (`limits.buffer`).
    public var buffer: Int

    public init(message: Int = 16 << 20, buffer: Int = 4 << 20) {
        self.message = message
        self.buffer = buffer
    }
}

public import Basics
public import WebSocket

/// The address of an upstream.
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

/// How to reach an upstream and what to request.
public struct DialRequest: Sendable {
    public var endpoint: Endpoint
    /// Path and query, as the client sent them.
    public var target: String
    /// Sent unchanged: see `forwardable`.
    public var headers: [HeaderField]
    public var subprotocols: [String]
    /// Required if the endpoint is secure.
    public var tls: ClientTLS?
    /// The longest time from the look-up of the host to the 101.
    public var timeout: Interval
    public var limits: ConnectionLimits
    /// The connection ends when the peer's host has acknowledged nothing for
    /// `Patience.acknowledgement`: the caller can do better than wait.
    public var mustAcknowledge: Bool

    public init(
        endpoint: Endpoint, target: String, headers: [HeaderField] = [],
        subprotocols: [String] = [], tls: ClientTLS? = nil, timeout: Interval = .seconds(5),
        limits: ConnectionLimits = ConnectionLimits(), mustAcknowledge: Bool = false
    ) {
        self.endpoint = endpoint
        self.target = target
        self.headers = headers
        self.subprotocols = subprotocols
        self.tls = tls
        self.timeout = timeout
        self.limits = limits
        self.mustAcknowledge = mustAcknowledge
    }
}

extension DialRequest {
    /// Whether a connection that was opened for one serves the other as well: the same upgrade, byte
    /// for byte, to the same place, trusted for the same reason.
    public func leads(whereLeads other: DialRequest) -> Bool {
        endpoint == other.endpoint && target == other.target && headers == other.headers
            && subprotocols == other.subprotocols && tls === other.tls
            && mustAcknowledge == other.mustAcknowledge
    }
}

/// How long a loop's connections wait for their peers.
public struct Patience: Sendable, BitwiseCopyable {
    /// From the TCP connection to the end of the request head, TLS included. Slow-loris attacks
    /// need minutes, a phone on a bad network needs seconds (nginx: 60 s, HAProxy recommends 10 s).
    public var request = Interval.seconds(10)
    /// How long a client may keep its source paused. A speech player drains 4 MiB (a minute of
    /// speech) much faster on any network that can carry the conversation.
    public var stuck = Interval.seconds(10)
    /// How long the answer to our close frame is awaited, and then the peer's FIN. Two round trips
    /// on a very bad network; RFC 6455 section 7.1.1 asks for "a reasonable time".
    public var close = Interval.seconds(2)
    /// How long gemini's host may acknowledge nothing of what it is sent. On a path that works an
    /// acknowledgement takes a round trip, and a lost packet is sent four times meanwhile.
    public var acknowledgement = Interval.seconds(3)
    /// How long a client may take for what is left of an HTTP answer.
    public var stream = Interval.seconds(600)
    /// Maximum silence of a client in the middle of its request: even on a very bad network an
    /// upload makes some progress in this time.
    public var upload = Interval.seconds(60)

    public init() {}
}

/// The limits of a connection's memory, in bytes.
public struct ConnectionLimits: Sendable, BitwiseCopyable {
    /// The longest accepted message (`limits.message`).
    public var message: Int
    /// If this much output waits for the peer, its source is not read (`limits.buffer`).
    public var buffer: Int

    public init(message: Int = 16 << 20, buffer: Int = 4 << 20) {
        self.message = message
        self.buffer = buffer
    }
}

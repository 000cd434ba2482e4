public import Basics
public import Transport

/// Everything `turnkeeper serve` may be told.
public struct ServerOptions: Sendable {
    /// How connections to the data port are protected.
    public enum TLS: Sendable, Equatable {
        /// A development CA on loopback; both `ws` and `wss` on the one port.
        case automatic
        case off
        case files(certificate: String, key: String)
    }

    public var listen: SocketAddress
    /// `nil`: no admin port.
    public var admin: SocketAddress?
    /// A file with what the admin port's visitors must present; needed where it is not loopback.
    public var adminToken: String?
    public var tls = TLS.automatic
    public var policies = "Policies"
    /// Whether the policy directory was named, and so must exist.
    public var policiesAreNamed = false
    public var data = ".turnkeeper"
    /// Whether sessions are kept in `ledger.db` in the data directory.
    public var keepsLedger = true
    /// How long ago a session must have ended to be forgotten; nil: never.
    public var retention: Interval? = .seconds(retentionDays * 86_400)
    /// A quarter: what an invoice may be asked about.
    public static let retentionDays: Int64 = 90
    public var workers = 1
    /// The process's bound of memory, bytes; nil: most of what there is.
    public var memory: Int?
    /// Whose word on the client's address is taken (`X-Forwarded-For`).
    public var balancers: [Network] = []
    /// How long peers are waited for who have no policy yet, or stream.
    public var patience = Patience()
    /// Take the place of the server that has the data directory, and its listening sockets.
    public var takesOver = false
    /// What a first SIGTERM leaves running sessions.
    public var drain = Interval.seconds(30)
    public var logLevel = Log.Level.info
    public var logFormat = Log.Format.text
    /// Told of every timeline entry as it happens; on a worker's thread, so be quick.
    public var onTimeline: (@Sendable (_ session: String, TimelineEntry) -> Void)?

    public init(listen: SocketAddress, admin: SocketAddress?) {
        self.listen = listen
        self.admin = admin
    }
}

/// Why a server did not start, in whole lines.
public struct StartFailure: Error, Sendable {
    public var lines: [String]
    /// It was asked wrongly: a bad policy, an address that cannot be.
    public var isMistake: Bool

    public init(_ lines: [String], isMistake: Bool = false) {
        self.lines = lines
        self.isMistake = isMistake
    }
}

public import Basics
public import Ledger
public import Transport

/// All options of `turnkeeper serve`.
public struct ServerOptions: Sendable {
    /// How connections to the data port are protected.
    public enum TLS: Sendable, Equatable {
        /// A development CA on loopback; both `ws` and `wss` on the same port.
        case automatic
        case off
        case files(certificate: String, key: String)
    }

    /// Where sessions are recorded.
    public enum LedgerKind: Sendable, Equatable {
        case off
        /// In `ledger.db` in the data directory.
        case sqlite
        /// In PostgreSQL, with `spool.db` in the data directory for rows that are not there yet.
        /// Required: the server starts only if PostgreSQL can be written.
        case postgres(PostgresAddress, isRequired: Bool)
    }

    /// Where clients connect; if the sockets come from another process, their address.
    public private(set) var listen: SocketAddress
    /// Whether that was given explicitly.
    public var listenIsNamed = false
    /// `nil`: no admin port.
    public var admin: SocketAddress?
    /// A file with the admin port's token; required if the port is not on loopback.
    public var adminToken: String?
    public var tls = TLS.automatic
    public var policies = "Policies"
    /// Whether the policy directory was given explicitly, and so must exist.
    public var policiesAreNamed = false
    public var data = ".turnkeeper"
    public var ledger = LedgerKind.sqlite
    /// This server's name among those with one ledger; `nil`: the data port's address.
    public var node: String?
    /// A file with the keys that encrypt data kept for other nodes.
    public var stateKey: String?
    /// How long after its end a session is deleted; nil: never.
    public var retention: Interval? = .seconds(retentionDays * 86_400)
    /// A quarter: the period in which invoices are disputed.
    public static let retentionDays: Int64 = 90
    public var workers = 1
    /// The process's memory limit in bytes; nil: most of what is available.
    public var memory: Int?
    /// Balancers whose `X-Forwarded-For` and PROXY headers are trusted.
    public var balancers: [Network] = []
    /// Timeouts for peers that have no policy yet, or that stream.
    public var patience = Patience()
    /// Takes over from the server that has the data directory, including its listening sockets.
    public var takesOver = false
    /// How long running sessions have after a first SIGTERM.
    public var drain = Interval.seconds(30)
    public var logLevel = Log.Level.info
    public var logFormat = Log.Format.text
    /// Called with every timeline entry as it happens, on a worker's thread, so be quick.
    public var onTimeline: (@Sendable (_ session: String, TimelineEntry) -> Void)?

    public init(listen: SocketAddress, admin: SocketAddress?) {
        self.listen = listen
        self.admin = admin
    }

    /// The file that this process writes.
    var ledgerFile: String {
        if case .postgres = ledger { data + "/spool.db" } else { data + "/ledger.db" }
    }

    /// Whether other nodes may continue this one's conversations.
    var sharesConversations: Bool {
        guard case .postgres = ledger else { return false }
        return stateKey != nil || mayKeepPlain
    }

    /// Whether conversations that are not encrypted may be in the database: only on this machine.
    var mayKeepPlain: Bool {
        guard case .postgres(let address, _) = ledger else { return false }
        return address.isLocal
    }

    /// The ledger from which reports are read; `nil` if sessions are not recorded.
    var ledgerPlace: LedgerPlace? {
        switch ledger {
        case .off: nil
        case .sqlite: .file(ledgerFile)
        case .postgres(let address, _): .postgres(address)
        }
    }
}

/// Why a server did not start, in whole lines.
public struct StartFailure: Error, Sendable {
    public var lines: [String]
    /// The request was wrong: a bad policy, or an invalid address.
    public var isMistake: Bool

    public init(_ lines: [String], isMistake: Bool = false) {
        self.lines = lines
        self.isMistake = isMistake
    }
}

extension ServerOptions {
    /// Whether the data port is exposed depends on the sockets that clients use, whichever process
    /// made them; if there are several, on one that other machines can reach.
    mutating func adopt(_ sockets: [ListeningSocket]) {
        let addresses = sockets.map(\.address)
        listen = addresses.first { !$0.isLoopback } ?? addresses.first ?? listen
    }

    /// The sockets of the process before this one keep their address.
    mutating func inherit(_ sockets: [ListeningSocket]) throws(StartFailure) {
        let asked = listen
        adopt(sockets)
        let isAsked = sockets.contains { socket in
            socket.address.host == asked.host && [0, socket.address.port].contains(asked.port)
        }
        guard isAsked || !listenIsNamed else {
            throw StartFailure(
                [
                    "turnkeeper: --take-over gets sockets that listen on \(listen), and --listen is "
                        + "\(asked): give the same --listen, or none"
                ], isMistake: true)
        }
    }

    /// Checks that both ports can be used, before anything is created or taken over.
    func checkPorts() throws(StartFailure) {
        if let obstacle = ListeningSocket.obstacleToActivation() {
            throw StartFailure(["turnkeeper: \(obstacle)"], isMistake: true)
        }
        if let admin, admin == listen, admin.port != 0 {
            throw StartFailure(
                [
                    "turnkeeper: --listen and --admin are both \(admin)",
                    "Try: --admin \(admin.elsewhere)",
                ], isMistake: true)
        }
        var lines: [String] = []
        if ListeningSocket.activated().isEmpty {
            lines += [listen.obstacle(to: "--listen")].compactMap { $0 }
        }
        if let admin {
            lines += [admin.obstacle(to: "--admin")].compactMap { $0 }
        }
        guard lines.isEmpty else { throw StartFailure(lines.map { "turnkeeper: \($0)" }) }
    }
}

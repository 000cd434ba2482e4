import Basics
import Manual
import Policies
import Proxy
import Transport

/// The options of `turnkeeper serve`, read.
struct ServeOptions {
    let options: ServerOptions

    init(_ arguments: Arguments) throws(Arguments.Mistake) {
        var options = ServerOptions(
            listen: try Self.address(arguments, "listen", "127.0.0.1:8080"),
            admin: arguments["admin"] == "off"
                ? nil : try Self.address(arguments, "admin", "127.0.0.1:8081"))
        options.listenIsNamed = arguments.has("listen")
        options.tls = try Self.tls(arguments)
        if let directory = arguments["policies"] {
            options.policies = directory
            options.policiesAreNamed = true
        }
        options.data = arguments["data"] ?? options.data
        options.adminToken = arguments["admin-token"]
        options.workers = try arguments.integer("workers", in: 1...256) ?? Machine.cores
        options.drain = try arguments.duration("drain") ?? options.drain
        options.ledger = try Self.ledger(arguments)
        options.node = try Self.node(arguments)
        options.stateKey = try Self.stateKey(arguments, options.ledger)
        if let level = try arguments.word("log-level") {
            options.logLevel = Log.Level(level) ?? .info
        }
        if let format = try arguments.word("log-format") {
            options.logFormat = Log.Format(rawValue: format) ?? .text
        }
        options.retention = try Self.retention(arguments)
        options.takesOver = arguments.has("take-over")
        options.memory = try arguments.size("memory", atLeast: 64 << 20)
        options.balancers = try Self.networks(arguments)
        self.options = options
    }

    private static func ledger(
        _ arguments: Arguments
    ) throws(Arguments.Mistake) -> ServerOptions.LedgerKind {
        let isRequired = try arguments.word("ledger-required")
        if let address = try LedgerCommand.postgres(arguments, "ledger") {
            return .postgres(address, isRequired: isRequired != "no")
        }
        for option in ["node", "ledger-required"] where arguments.has(option) {
            throw LedgerCommand.needsPostgres(option, arguments)
        }
        switch arguments["ledger"] {
        case nil, "sqlite": return .sqlite
        case "off": return .off
        case .some(let text):
            throw Arguments.Mistake(
                message: "--ledger takes sqlite, off or postgres://user@host/database, "
                    + "not \"\(text)\"",
                hint: "turnkeeper serve --ledger sqlite")
        }
    }

    /// What the log, the ledger and its other nodes show.
    private static func node(_ arguments: Arguments) throws(Arguments.Mistake) -> String? {
        guard let name = arguments["node"] else { return nil }
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".:_-[]/".utf8.contains(byte)
            }
        }
        guard isName, (1...64).contains(name.utf8.count) else {
            throw Arguments.Mistake(
                message: "--node takes 1 to 64 letters, digits and .:_-[]/, not "
                    + "\"\(name.prefix(64))\"",
                hint: "turnkeeper serve --node a")
        }
        return name
    }

    private static func stateKey(
        _ arguments: Arguments, _ ledger: ServerOptions.LedgerKind
    ) throws(Arguments.Mistake) -> String? {
        guard let path = arguments["state-key"] else { return nil }
        guard case .postgres = ledger else {
            throw Arguments.Mistake(
                message: "--state-key is for nodes that share a PostgreSQL",
                hint: "turnkeeper serve --ledger postgres://user@host/database --state-key FILE")
        }
        return path
    }

    /// Whole days, or `off`; without the option, the server's default.
    private static func retention(_ arguments: Arguments) throws(Arguments.Mistake) -> Interval? {
        guard let text = arguments["retention"] else {
            return .seconds(ServerOptions.retentionDays * 86_400)
        }
        if text == "off" { return nil }
        guard text.hasSuffix("d"), let days = Int64(text.dropLast()), (1...36_500).contains(days)
        else {
            throw Arguments.Mistake(
                message: "--retention takes days, or off, not \"\(text)\"",
                hint: "turnkeeper serve --retention 90d")
        }
        return .seconds(days * 86_400)
    }

    private static func networks(
        _ arguments: Arguments
    ) throws(Arguments.Mistake) -> [Network] {
        var networks: [Network] = []
        for text in (arguments["balancers"] ?? "").split(separator: ",") {
            guard let network = Network(String(text)) else {
                throw Arguments.Mistake(
                    message: "--balancers takes addresses and networks, not \"\(text)\"",
                    hint: "turnkeeper serve --balancers 10.0.0.0/8,192.0.2.7")
            }
            networks.append(network)
        }
        return networks
    }

    static func address(
        _ arguments: Arguments, _ name: String, _ standard: String
    ) throws(Arguments.Mistake) -> SocketAddress {
        let text = arguments[name] ?? standard
        guard let address = SocketAddress(text) else {
            throw Arguments.Mistake(
                message: "--\(name) takes HOST:PORT with an address, not \"\(text)\"",
                hint: "turnkeeper \(arguments.command.name) --\(name) \(standard)")
        }
        return address
    }

    private static func tls(_ arguments: Arguments) throws(Arguments.Mistake) -> ServerOptions.TLS {
        switch arguments["tls"] {
        case nil, "auto": return .automatic
        case "off": return .off
        case .some(let text):
            let files = text.split(separator: ",", omittingEmptySubsequences: false).map(
                String.init)
            guard files.count == 2, !files[0].isEmpty, !files[1].isEmpty else {
                throw Arguments.Mistake(
                    message: "--tls takes auto, off or CERT.pem,KEY.pem, not \"\(text)\"",
                    hint: "turnkeeper serve --tls server.pem,server-key.pem")
            }
            return .files(certificate: files[0], key: files[1])
        }
    }
}

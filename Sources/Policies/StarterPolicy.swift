import Basics

/// A user's first policy, made from two answers: which key gemini sees, and who may use the proxy.
public struct StarterPolicy: Equatable, Sendable {
    public enum Key: Equatable, Sendable {
        /// The proxy's key.
        case secret(Secret)
        /// Each client's own.
        case clients
        /// None: `turnkeeper simulate` answers, on this local port.
        case simulator(port: UInt16)
    }
    public enum Clients: Equatable, Sendable {
        /// Everyone who reaches the port.
        case anyone
        /// Those who present the key with this SHA-256, in hexadecimal.
        case holders(digest: String)
    }

    public var key: Key
    public var clients: Clients

    public init(key: Key, clients: Clients) {
        self.key = key
        self.clients = clients
    }

    /// `default.yaml` serves everyone; any other file is a tenant.
    public var fileName: String { clients == .anyone ? "default.yaml" : "app.yaml" }

    public var text: String {
        var lines = [
            "# Written by turnkeeper. Every other setting has its default: turnkeeper explain prints",
            "# them all, turnkeeper check finds mistakes, and a change is in force within a second.",
        ]
        switch clients {
        case .anyone: if case .secret = key { lines.append("match: { anyone: true }") }
        case .holders(let digest): lines.append("match: { keys: [\"sha256:\(digest)\"] }")
        }
        switch key {
        case .secret(let secret): lines.append("upstream: { key: \(secret) }")
        case .clients: lines.append("upstream: { key: null }    # each client's own")
        case .simulator(let port): lines.append("upstream: { url: \"ws://127.0.0.1:\(port)\" }")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The policy that `turnkeeper try` writes: with `key` if the environment has one, otherwise for
    /// the simulator.
    public static func trying(key name: String?, simulator port: UInt16) -> StarterPolicy {
        StarterPolicy(
            key: name.map { .secret(.environment($0)) } ?? .simulator(port: port), clients: .anyone)
    }

    /// Whether a file is exactly one of those, so that overwriting it loses no work.
    public static func isOfTrying(_ text: String, key name: String) -> Bool {
        let address = "ws://127.0.0.1:"
        let digits = text.split(separator: "\n").last?.split(separator: "\"").dropFirst().first?
            .dropFirst(address.count)
        let port = digits.flatMap { UInt16($0) } ?? 0
        return [trying(key: name, simulator: 0), trying(key: nil, simulator: port)].contains {
            $0.text == text
        }
    }
}

extension StarterPolicy.Key {
    /// As on a command line: `env:NAME`, `file:PATH`, `client` or `simulator`.
    public init?(_ word: String) {
        switch word {
        case "client": self = .clients
        case "simulator": self = .simulator(port: 8082)
        default:
            var complaints: [Complaint] = []
            let tree = Tree.scalar(word, Place(file: "", line: 1, column: 1), quoted: true)
            guard let secret = Format<Secret>.secret(mayBeHash: false).read(tree, "", &complaints)
            else { return nil }
            self = .secret(secret)
        }
    }
}

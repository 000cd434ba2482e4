import CLinux
import Manual
import Policies
import Proxy
import SimulatedGemini
import SimulatorServer
import Speech
import Transport

extension Commands {
    /// A server that needs no configuration.
    static func trial(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let listen = try ServeOptions.address(arguments, "listen", "127.0.0.1:8080")
        guard listen.isLoopback else {
            throw Arguments.Mistake(
                message:
                    "turnkeeper try serves only this machine, and \(listen) is open to others",
                hint: "turnkeeper serve --help")
        }
        let trial = Trial(listen, data: arguments["data"])
        tk_keep_memory_private()
        Signals.block()
        do throws(StartFailure) {
            return try trial.run()
        } catch {
            for line in error.lines { Output.error(line) }
            return error.isMistake ? 2 : 1
        }
    }
}

/// The proxy, its files, and a simulated gemini if there is no key for the real one.
private struct Trial {
    private let listen: SocketAddress
    private let admin: SocketAddress
    private let simulated: SocketAddress
    private let data: String
    private let key: String?

    init(_ listen: SocketAddress, data: String?) {
        func above(_ count: UInt16) -> SocketAddress {
            var address = listen
            address.port = listen.port == 0 ? 0 : listen.port &+ count
            return address
        }
        self.listen = listen
        admin = above(1)
        simulated = above(2)
        let isUsual = listen.port == 8080
        self.data = data ?? (isUsual ? ".turnkeeper" : ".turnkeeper-\(listen.port)")
        key = Environment.key == nil ? nil : Environment.keyName
    }

    /// Writes nothing until it is clear that ports and directory are free.
    func run() throws(StartFailure) -> Int32 {
        guard listen.port <= UInt16.max - 2 else {
            throw StartFailure(
                [
                    "turnkeeper: --listen \(listen) leaves no room for the admin port, one above it, and "
                        + "the simulator's, two above",
                    "Try: --listen \(listen.host):8080",
                ], isMistake: true)
        }
        try checkPorts()
        if let holder = DataDirectory.holder(of: data) {
            throw StartFailure([
                "turnkeeper: --data \(data) is in use by another turnkeeper, process \(holder); end it, or "
                    + "use another directory: --data DIR"
            ])
        }
        _ = try Certificates.development(in: data)
        // Made by hand or by an older version, it may be open to other users.
        // SAFETY: the path lives for the call.
        _ = unsafe chmod(data, 0o700)
        let simulator = key == nil ? try startSimulator() : nil
        // The proxy needs it until its last session has ended.
        defer { simulator?.stop() }
        let isOurs = try writePolicy(simulator: simulator?.port ?? 0)
        var options = ServerOptions(listen: listen, admin: admin)
        options.policies = data + "/policies"
        options.policiesAreNamed = true
        options.data = data
        options.workers = Machine.cores
        let server = try Server.start(options).get()
        // A policy of the user's own may ask for keys.
        Welcome.show(server, key: isOurs ? "any" : nil)
        Output.result(summary(server, isOurs: isOurs))
        return server.serveUntilSignal()
    }

    private func checkPorts() throws(StartFailure) {
        let obstacles = [listen, admin, simulated].prefix(key == nil ? 3 : 2).compactMap {
            address in
            address.obstacle(to: "--listen").map { _ in address }
        }
        guard let first = obstacles.first else { return }
        if first == listen, let obstacle = listen.obstacle(to: "--listen") {
            throw StartFailure(["turnkeeper: \(obstacle)"])
        }
        var other = listen
        other.port = listen.port < 60_000 ? listen.port + 1000 : listen.port - 1000
        let role = first == admin ? "admin port, one" : "simulator's port, two"
        throw StartFailure([
            "turnkeeper: \(first), the \(role) above --listen: another program has it; end it, or use "
                + "other ports: --listen \(other)"
        ])
    }

    private func startSimulator() throws(StartFailure) -> SimulatorServer {
        do {
            return try SimulatorServer.start(
                host: simulated.host, port: Int(simulated.port),
                service: SimulatedService(
                    seed: 1, scenario: .healthy, voice: Voice.recorded ?? .tones))
        } catch {
            throw StartFailure(["turnkeeper: the simulator: \(error)"])
        }
    }

    /// False if there is a policy that the user has edited.
    private func writePolicy(simulator port: Int) throws(StartFailure) -> Bool {
        let policy = StarterPolicy.trying(
            key: key, simulator: UInt16(exactly: port) ?? simulated.port)
        let path = "\(data)/policies/\(policy.fileName)"
        if let bytes = File.read(path, limit: 1 << 20) {
            let text = String(decoding: bytes, as: UTF8.self)
            guard StarterPolicy.isOfTrying(text, key: Environment.keyName) else { return false }
        }
        guard File.replace(path, with: Array(policy.text.utf8), mode: 0o600) else {
            throw StartFailure([
                "turnkeeper: \(path) cannot be written: \(SystemError.text(tk_errno())); use a "
                    + "directory that this user may write: --data DIR"
            ])
        }
        return true
    }

    private func summary(_ server: Server, isOurs: Bool) -> String {
        var lines: [String] = []
        if key == nil {
            lines.append("\(Environment.keyName) is not set: a simulated gemini answers.")
        }
        if !isOurs {
            lines.append("\(data)/policies/default.yaml is yours; it decides what answers.")
        }
        let port = server.listening.port
        lines.append(
            // As this program was called: it need not be on the path.
            "To hear it, in another terminal: \(CommandLine.arguments.first ?? "turnkeeper") talk"
                + (port == 8080 ? "" : " --to \(server.listening)"))
        return "\n" + lines.joined(separator: "\n")
    }
}

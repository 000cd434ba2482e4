public import Proxy
public import SimulatedGemini
public import SimulatorServer
import Synchronization
public import Transport
public import WebSocket

/// A proxy in front of the simulated service, on their own ports, in this process.
public final class ProxyFixture: Sendable {
    /// `nil` if another upstream is behind the proxy.
    public let simulator: SimulatorServer?
    public let server: Server
    /// Policies and certificates; removed with the fixture.
    public let directory: ScratchDirectory
    private let clients: LoopThread
    private let isStopped = Atomic(false)

    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    /// The upstream is the simulated service with this scenario.
    ///
    /// - Parameter policy: Further content of `default.yaml`.
    public convenience init(
        scenario: Scenario = .healthy, seed: UInt64 = 1, voice: Voice = .tones,
        policy: String = "", configure: (inout ServerOptions) -> Void = { _ in }
    ) throws {
        let simulator = try SimulatorServer.start(
            service: SimulatedService(seed: seed, scenario: scenario, voice: voice))
        try self.init(
            simulator, upstream: "url: \"ws://127.0.0.1:\(simulator.port)\"", policy: policy,
            configure: configure)
    }

    /// Any upstream.
    /// - Parameter keys: Further ones of the policy's `upstream`.
    public convenience init(
        upstream: SocketAddress, _ keys: String = "", policy: String = "",
        configure: (inout ServerOptions) -> Void = { _ in }
    ) throws {
        try self.init(
            nil, upstream: "url: \"ws://\(upstream)\", \(keys)", policy: policy,
            configure: configure)
    }

    private init(
        _ simulator: SimulatorServer?, upstream: String, policy: String,
        configure: (inout ServerOptions) -> Void
    ) throws {
        let directory = try ScratchDirectory()
        try directory.write("default.yaml", Self.policy(upstream, policy))
        guard let any = SocketAddress("127.0.0.1:0") else { throw Failure(description: "no port") }
        var options = ServerOptions(listen: any, admin: nil)
        options.tls = .off
        options.policies = directory.path
        options.policiesAreNamed = true
        options.data = directory.path
        options.logLevel = .error
        configure(&options)
        switch Server.start(options) {
        case .failure(let failure):
            simulator?.stop()
            throw Failure(description: failure.lines.joined(separator: "\n"))
        case .success(let server): self.server = server
        }
        self.simulator = simulator
        self.directory = directory
        clients = try LoopThread("clients")
    }

    /// Ends everything; the last call on a fixture.
    public func stop() {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        server.stop()
        simulator?.stop()
    }

    deinit { stop() }

    /// A client of the proxy, over TLS if `isSecure`.
    public func client(
        isSecure: Bool = false, target: String = LiveClient.path + "?key=rehearsal",
        headers: [HeaderField] = [], subprotocols: [String] = []
    ) throws -> LiveClient {
        try LiveClient(
            on: clients, to: server.listening,
            authorities: isSecure ? "\(directory.path)/ca.pem" : nil, target: target,
            headers: headers, subprotocols: subprotocols)
    }

    /// A client connected directly to the simulated service; `nil` if there is none.
    public func directClient() throws -> LiveClient? {
        guard let simulator, let address = SocketAddress("127.0.0.1:\(simulator.port)") else {
            return nil
        }
        return try LiveClient(on: clients, to: address)
    }

    /// What the simulated service has received so far.
    public func record() throws -> SimulatorRecord {
        guard let record = simulator?.record() else {
            throw Failure(description: "there is no record")
        }
        return record
    }

    private static func policy(_ upstream: String, _ rest: String) -> String {
        "upstream: { \(upstream) }\n" + rest + "\n"
    }
}

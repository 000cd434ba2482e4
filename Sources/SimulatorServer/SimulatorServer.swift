import CLinux
import Libwebsockets
public import SimulatedGemini

/// The simulated service on a real port: WebSocket on the paths of Google's Live services and no
/// others, `GET /simulator/record` for tests, 404 elsewhere. It uses libwebsockets, so that the proxy's own
/// WebSocket code is tested against a different implementation.
public final class SimulatorServer: Sendable {
    public var port: Int { server.port }
    private let server: Server

    /// Why it did not start: what was attempted, and the message of the library or kernel.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// PEM files. With them, `wss` and `ws` are served on the same port.
    public struct TLS: Sendable {
        public var certificate: String
        public var key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// The service belongs to the server's thread from here on.
    ///
    /// - Parameters:
    ///   - host: `localhost` or a numeric address.
    ///   - port: 0 for any free port.
    public static func start(
        host: String = "127.0.0.1", port: Int = 0, tls: TLS? = nil,
        service: sending SimulatedService
    ) throws(Failure) -> SimulatorServer {
        do {
            let files = tls.map { Libwebsockets.TLS(certificate: $0.certificate, key: $0.key) }
            return SimulatorServer(
                try Server.start(
                    host: host, port: port, tls: files, application: Front(service)))
        } catch {
            throw Failure(description: error.description)
        }
    }

    private init(_ server: Server) { self.server = server }

    /// Drops all connections and joins the thread. `record` returns nil afterwards.
    public func stop() { server.stop() }

    /// What the service has received so far; nil after `stop`.
    public func record() -> SimulatorRecord? {
        server.ask { loop in (loop.application as? Front)?.record() } ?? nil
    }
}

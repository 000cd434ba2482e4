import CLinux
// Handlers are written in terms of these, so users of `Route` need them too.
@_exported public import Libwebsockets
import Transport

/// The admin plane: HTTP on its own port and thread.
public final class AdminServer: Sendable {
    public var port: Int { server.port }
    private let server: Server

    /// - Parameters:
    ///   - host: `localhost` or a numeric address.
    ///   - port: 0 for any free port.
    ///   - token: Required beyond loopback; requests must send it as `Authorization: Bearer`.
    public static func start(
        host: String, port: Int, token: String? = nil, tls: TLS? = nil, routes: [Route]
    ) throws(StartFailure) -> AdminServer {
        if token?.isEmpty ?? true, !isLoopback(host) {
            throw StartFailure(
                doing: "opening the admin port on \(host)",
                said: "an address other than loopback requires a token")
        }
        return AdminServer(
            try Server.start(
                host: host, port: port, tls: tls, most: { Descriptors.ofAdmin },
                application: Router(routes: routes, token: token.map { Array($0.utf8) })))
    }

    private init(_ server: Server) { self.server = server }

    /// Applies to future connections.
    public func readCertificateAgain() { server.readCertificateAgain() }

    /// Ends all connections, streams included, and joins the thread.
    public func stop() { server.stop() }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// Finds the route of a request, which answers it.
final class Router: Application {
    private let routes: [Route]
    private let token: [UInt8]?

    init(routes: [Route], token: [UInt8]?) {
        self.routes = routes
        self.token = token
    }

    func respond(to request: Request, with reply: Reply) {
        for route in routes {
            guard let parameters = route.match(request.path) else { continue }
            if let refusal = Self.refusal(of: request, by: route) { return reply.send(refusal) }
            guard route.isOpen || token != nil || Self.isNearby(request) else {
                return reply.send(
                    Self.error(
                        421,
                        "use localhost or an IP address: this port has no token, so it "
                            + "accepts no other host name"))
            }
            guard route.isOpen || Self.isOfThisPage(request) else {
                return reply.send(
                    Self.error(403, "requests from pages of other origins are refused"))
            }
            guard route.isOpen || admits(request) else {
                return reply.send(
                    Self.error(
                        401, "this requires the admin token, as Authorization: Bearer",
                        headers: [("WWW-Authenticate", "Bearer")]))
            }
            return route.handler(request, parameters, reply)
        }
        reply.send(Self.error(404, "this is Turnkeeper's admin port; it serves \(served)"))
    }

    /// What is wrong with the request's method or origin.
    private static func refusal(of request: Request, by route: Route) -> Response? {
        let allowed = route.isOrder ? ["POST"] : ["GET", "HEAD"]
        guard allowed.contains(request.method) else {
            let words = allowed.joined(separator: " and ")
            return error(
                405, "only \(words) are served here",
                headers: [("Allow", allowed.joined(separator: ", "))])
        }
        // Browsers name the page that sends a POST. One of ours comes from this very port.
        let origin = request.header("origin")
        let host = request.header("host")
        guard route.isOrder, !origin.isEmpty, origin != "http://\(host)",
            origin != "https://\(host)"
        else { return nil }
        return error(403, "requests from pages of other sites are refused")
    }

    private var served: String { routes.map(\.pattern).joined(separator: ", ") }

    /// Without a token only this machine may read, and a browser on it must not be tricked into it:
    /// a hostile page whose name resolves to this address would count as the same origin. A search
    /// domain or a neighbour may resolve any name, so only names that this machine uses for itself
    /// count.
    static func isNearby(_ request: Request) -> Bool { isNearby(host: request.header("host")) }

    static func isNearby(host: String) -> Bool {
        var name = host[...]
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let address = host[host.index(after: host.startIndex)..<end]
            guard address.contains(":"),
                address.utf8.allSatisfy({ isHex($0) || ":.".utf8.contains($0) })
            else { return false }
            return isPort(host[host.index(after: end)...])
        }
        if let colon = host.firstIndex(of: ":") {
            name = host[..<colon]
            guard isPort(host[colon...]) else { return false }
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let last = parts.last?.lowercased()
        if last == "localhost" { return true }
        if parts.count == 1 { return !name.isEmpty && last == ownName }
        return parts.count == 4
            && parts.allSatisfy { part in part.utf8.allSatisfy(isDigit) && UInt8(part) != nil }
    }

    /// What this machine calls itself, without its domain; empty if it has no name.
    private static let ownName: String = {
        var name = [CChar](repeating: 0, count: 256)
        // SAFETY: writes at most 255 bytes, so the last one stays 0.
        guard unsafe gethostname(&name, 255) == 0 else { return "" }
        let bytes = name.prefix { $0 != 0 && $0 != 0x2E }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self).lowercased()
    }()

    /// Nothing, or a colon and a number.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty
            || text.first == ":" && text.dropFirst().utf8.allSatisfy(isDigit)
                && UInt16(text.dropFirst()) != nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// Browsers send the origin of the requesting page; other origins are refused.
    private static func isOfThisPage(_ request: Request) -> Bool {
        let origin = request.header("origin")
        return origin.isEmpty
            || ["http://", "https://"].contains { origin == $0 + request.header("host") }
    }

    /// Takes the same time whichever part of the token is right.
    private func admits(_ request: Request) -> Bool {
        guard let token else { return true }
        let scheme = "Bearer "
        let header = request.header("authorization")
        guard header.hasPrefix(scheme) else { return false }
        let given = Array(header.dropFirst(scheme.count).utf8)
        var difference = given.count ^ token.count
        for (index, byte) in given.enumerated() {
            difference |= Int(byte ^ token[index % token.count])
        }
        return difference == 0
    }

    /// `message` is plain text without quotes or backslashes: our own words, never a peer's.
    static func error(
        _ status: Int, _ message: String, headers: [(name: String, value: String)] = []
    ) -> Response {
        Response(
            status: status, contentType: "application/json", headers: headers,
            body: Array(#"{"error":"\#(message)"}"#.utf8) + [UInt8(ascii: "\n")])
    }
}

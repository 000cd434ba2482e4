import Transport

/// Where a policy sends its sessions, and what their upgrade contains.
struct Upstream {
    var endpoint: Endpoint
    /// Prefix for the client's path; empty, or `/prefix` without a trailing slash.
    var prefix: String

    /// Reads `upstream.url`: `ws` or `wss`, host, port, path prefix.
    init?(url: String) {
        let isSecure: Bool
        let rest: Substring
        if url.hasPrefix("wss://") {
            isSecure = true
            rest = url.dropFirst(6)
        } else if url.hasPrefix("ws://") {
            isSecure = false
            rest = url.dropFirst(5)
        } else {
            return nil
        }
        // By bytes, because every session's dial reads it.
        let end = rest.utf8.firstIndex { $0 == Self.slash || Self.isBehindPath($0) }
        let (authority, path) = (rest[..<(end ?? rest.endIndex)], rest[(end ?? rest.endIndex)...])
        guard !authority.isEmpty, !authority.utf8.contains(UInt8(ascii: "@")),
            !path.utf8.contains(where: Self.isBehindPath)
        else { return nil }
        guard let (host, port) = Self.split(authority, standard: isSecure ? 443 : 80) else {
            return nil
        }
        endpoint = Endpoint(isSecure: isSecure, host: host, port: port)
        let isOpen = path.utf8.last == Self.slash
        prefix = String(isOpen ? path[..<path.utf8.index(before: path.endIndex)] : path)
    }

    private static func split(_ authority: Substring, standard: UInt16) -> (String, UInt16)? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            if rest.isEmpty { return (String(host), standard) }
            guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()) else { return nil }
            return (String(host), port)
        }
        guard let colon = authority.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            return (String(authority), standard)
        }
        // With a second colon it is no number.
        return UInt16(authority[authority.utf8.index(after: colon)...]).map {
            (String(authority[..<colon]), $0)
        }
    }

    private static let slash = UInt8(ascii: "/")

    private static func isBehindPath(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }
}

extension Endpoint {
    /// What is sent there never leaves this machine.
    var isOfThisMachine: Bool {
        host == "localhost" || SocketAddress(host: host, port: 0)?.isLoopback == true
    }
}

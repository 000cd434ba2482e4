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
        let end = rest.utf8.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        let (authority, path) = (rest[..<end], rest[end...])
        guard !authority.isEmpty, !authority.contains("@"), !path.contains("?"), !path.contains("#")
        else { return nil }
        guard let (host, port) = Self.split(authority, standard: isSecure ? 443 : 80) else {
            return nil
        }
        endpoint = Endpoint(isSecure: isSecure, host: host, port: port)
        prefix = path.hasSuffix("/") ? String(path.dropLast()) : String(path)
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
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return (String(parts[0]), standard)
        case 2: return UInt16(parts[1]).map { (String(parts[0]), $0) }
        default: return nil
        }
    }
}

extension Endpoint {
    /// What is sent there never leaves this machine.
    var isOfThisMachine: Bool {
        host == "localhost" || SocketAddress(host: host, port: 0)?.isLoopback == true
    }
}

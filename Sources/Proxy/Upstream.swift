import Policies
import Transport
import WebSocket

/// Where a policy sends its sessions, and what their upgrade carries there.
struct Upstream {
    var endpoint: Endpoint
    /// Put before the client's own path; empty, or `/prefix` without a slash at its end.
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
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest.dropFirst(authority.count)
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

/// The credential a client presents, wherever its SDK puts it, and the one gemini sees instead.
enum Credential {
    private static let queryNames = ["key", "access_token"]
    private static let headerNames = ["x-goog-api-key", "authorization"]

    /// What the client presents; the first of the places that holds something.
    static func presented(_ target: String, _ headers: HeaderFields) -> String? {
        if let key = headers.first("x-goog-api-key"), !key.isEmpty { return key }
        if let authorization = headers.first("authorization") {
            let words = authorization.split(separator: " ", maxSplits: 1)
            if words.count == 2, ["bearer", "token"].contains(words[0].lowercased()) {
                return String(words[1])
            }
        }
        guard let mark = target.firstIndex(of: "?") else { return nil }
        for pair in target[target.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2, queryNames.contains(String(parts[0])) {
                return unescape(parts[1])
            }
        }
        return nil
    }

    /// Percent-decoding (RFC 3986 section 2.1); a broken escape stands for itself.
    private static func unescape(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The request as gemini is to see it: with `key` in place of whatever the client presented.
    static func replace(
        target: String, headers: [HeaderField], with key: String
    ) -> (target: String, headers: [HeaderField]) {
        replace(target: target, headers: headers, with: HeaderField("x-goog-api-key", key))
    }

    /// The same with an OAuth access token, as Vertex takes it.
    static func replace(
        target: String, headers: [HeaderField], bearer token: String
    ) -> (target: String, headers: [HeaderField]) {
        replace(
            target: target, headers: headers,
            with: HeaderField("Authorization", "Bearer \(token)"))
    }

    private static func replace(
        target: String, headers: [HeaderField], with credential: HeaderField?
    ) -> (target: String, headers: [HeaderField]) {
        var kept = headers.filter { field in !headerNames.contains { field.isNamed($0) } }
        if let credential { kept.append(credential) }
        guard let mark = target.firstIndex(of: "?") else { return (target, kept) }
        let pairs = target[target.index(after: mark)...]
            .split(separator: "&", omittingEmptySubsequences: false)
            .filter { pair in
                !queryNames.contains { pair.hasPrefix($0 + "=") || pair == $0 }
            }
        let path = target[..<mark]
        return (pairs.isEmpty ? String(path) : path + "?" + pairs.joined(separator: "&"), kept)
    }
}

/// The client's headers that are forwarded to the upstream, in order.
///
/// This lists what is left out, not what is passed: the proxy is transparent, and a client may talk
/// to a gateway with headers unknown here. So credentials (`Authorization`, `x-goog-*`,
/// `X-Firebase-*`), `User-Agent`, `Content-Type`, `Origin` and everything else are passed. Left out
/// are:
///
/// - fields of one connection (RFC 9110 section 7.6.1), those that `Connection` names, and those
///   that frame a body: the upstream connection is a different one, and has no body;
/// - `Host` and `Sec-WebSocket-*`: the upstream handshake has its own;
/// - `Cookie`: set for the proxy's host, so never meant for the upstream's;
/// - `X-Forwarded-*`, `Forwarded`, `X-Real-IP`, `Via`, `Proxy-*`: they describe the path to the
///   proxy, which does not concern the upstream, and some upstreams trust them.
public func forwardable(_ headers: HeaderFields, keepsCookies: Bool = false) -> [HeaderField] {
    // A set, because a hostile `Connection` may name thousands.
    let nominated = Set(headers.list("Connection").map { $0.lowercased() })
    return headers.fields.filter { field in
        !isConnectionField(field) && (keepsCookies || !isLocalField(field))
            && !nominated.contains(field.name.lowercased())
    }
}

/// Fields that have a meaning only between two neighbours, or frame a body.
func isConnectionField(_ field: HeaderField) -> Bool {
    let own = [
        "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Transfer-Encoding",
        "Content-Length", "Expect", "HTTP2-Settings",
    ]
    return own.contains(where: field.isNamed) || hasPrefix(field, "Proxy-")
        || hasPrefix(field, "Sec-WebSocket-")
}

/// Fields about the client's path to this host.
private func isLocalField(_ field: HeaderField) -> Bool {
    ["Host", "Cookie", "Cookie2", "Forwarded", "X-Real-IP", "Via"].contains(where: field.isNamed)
        || hasPrefix(field, "X-Forwarded-")
}

private func hasPrefix(_ field: HeaderField, _ prefix: String) -> Bool {
    field.name.utf8.count >= prefix.utf8.count
        && equalIgnoringCase(field.name.utf8.prefix(prefix.utf8.count), prefix.utf8)
}

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
    // A set, because a hostile `Connection` may name thousands. Nearly always it names only itself
    // and fields that are left out anyway.
    let nominated = Set(
        headers.list("Connection").map { $0.lowercased() }.filter { !ownNames.contains($0) })
    return headers.fields.filter { field in
        !isConnectionField(field) && (keepsCookies || !isLocalField(field))
            && (nominated.isEmpty || !nominated.contains(field.name.lowercased()))
    }
}

private let ownNames = [
    "connection", "keep-alive", "upgrade", "te", "trailer", "transfer-encoding", "content-length",
    "expect", "http2-settings",
]
private let localNames = ["host", "cookie", "cookie2", "forwarded", "x-real-ip", "via"]

/// Fields that have a meaning only between two neighbours, or frame a body.
func isConnectionField(_ field: HeaderField) -> Bool {
    ownNames.contains(where: field.isNamed) || field.starts(with: "proxy-")
        || field.starts(with: "sec-websocket-")
}

/// Fields about the client's path to this host.
private func isLocalField(_ field: HeaderField) -> Bool {
    localNames.contains(where: field.isNamed) || field.starts(with: "x-forwarded-")
}

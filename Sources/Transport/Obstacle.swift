import CLinux

extension SocketAddress {
    /// Why this address cannot be listened on now, and what to do about it, in a line that begins
    /// with its option; nil if it can.
    public func obstacle(to option: String) -> String? {
        guard port != 0 else { return nil }
        let failure = -tk_try_listen(raw)
        guard failure != 0 else { return nil }
        let why =
            switch failure {
            case EADDRINUSE:
                "another program has this port; end it, or use another: \(option) \(elsewhere)"
            case EACCES:
                "ports below 1024 need root or CAP_NET_BIND_SERVICE; use another: \(option) "
                    + elsewhere
            case EADDRNOTAVAIL:
                "this machine has no such address; use one that it has, or all: \(option) "
                    + (isIPv6 ? "[::]:\(port)" : "0.0.0.0:\(port)")
            default: SystemError.text(failure)
            }
        return "\(option) \(self): \(why)"
    }

    /// The same host, with a port that is probably free.
    public var elsewhere: String {
        var other = self
        other.port = port < 1024 ? port + 8000 : port < 60_000 ? port + 1000 : port - 1000
        return other.description
    }
}

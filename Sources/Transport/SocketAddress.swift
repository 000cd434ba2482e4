import CLinux

/// An IPv4 or IPv6 address with a port.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// IPv4 uses the lowest 32 bits of `low`.
    var high: UInt64
    var low: UInt64
    var scope: UInt32
    public var port: UInt16
    public var isIPv6: Bool

    /// A literal address; nil if `host` is not one. IPv6 with or without brackets.
    public init?(host: String, port: UInt16) {
        var text = host[...]
        if text.first == "[", text.last == "]" { text = text.dropFirst().dropLast() }
        var address = tk_address()
        // SAFETY: both pointers are valid during the call, which keeps neither.
        guard unsafe tk_parse_address(String(text), &address) == 1 else { return nil }
        self.init(address)
        self.port = port
    }

    /// `HOST:PORT` with a literal host or `localhost`, which here means 127.0.0.1.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        let host = String(text[..<colon])
        // An IPv6 address has colons itself, so its brackets are required here.
        if host.contains(":"), host.first != "[" { return nil }
        self.init(host: host == "localhost" ? "127.0.0.1" : host, port: port)
    }

    init(_ address: tk_address) {
        high = address.high
        low = address.low
        scope = address.scope
        port = address.port
        isIPv6 = address.is_ipv6 != 0
    }

    var raw: tk_address {
        tk_address(high: high, low: low, scope: scope, port: port, is_ipv6: isIPv6 ? 1 : 0)
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { isIPv6 ? high == 0 && low == 1 : low >> 24 == 127 }

    /// Whether it means every address of the machine; it cannot be dialed.
    public var isUnspecified: Bool { high == 0 && low == 0 }

    /// The address without its port.
    public var host: String {
        // SAFETY: a local buffer of the 46 bytes that the call requires, copied before it is
        // released.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 46) { buffer in
            guard let text = buffer.baseAddress else { return "" }
            unsafe tk_format_address(raw, text)
            return unsafe String(cString: text)
        }
    }

    public var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or a single one.
public struct Network: Hashable, Sendable {
    private let base: SocketAddress
    private let bits: Int

    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2,
            let base = SocketAddress(host: String(first), port: 0)
        else { return nil }
        let most = base.isIPv6 ? 128 : 32
        var bits = most
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...most).contains(given) else { return nil }
            bits = given
        }
        self.base = base
        self.bits = bits
    }

    public func contains(_ address: SocketAddress) -> Bool {
        let address = address.unmapped
        guard address.isIPv6 == base.isIPv6 else { return false }
        if !base.isIPv6 { return Self.agree(address.low << 32, base.low << 32, bits) }
        return Self.agree(address.high, base.high, min(bits, 64))
            && Self.agree(address.low, base.low, max(0, bits - 64))
    }

    /// Whether the first `bits` of both are equal.
    private static func agree(_ a: UInt64, _ b: UInt64, _ bits: Int) -> Bool {
        bits == 0 || (a ^ b) >> UInt64(64 - bits) == 0
    }
}

extension SocketAddress {
    /// An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`), as a dual-stack socket reports it, as
    /// plain IPv4.
    var unmapped: SocketAddress {
        guard isIPv6, high == 0, low >> 32 == 0xFFFF else { return self }
        var bare = self
        bare.isIPv6 = false
        bare.low &= 0xFFFF_FFFF
        return bare
    }

    /// The part of its address that a client cannot choose: all of an IPv4 address, the first half
    /// of an IPv6 one (RFC 6177: a site has at least that much).
    public var network: (high: UInt64, low: UInt64) {
        let address = unmapped
        return address.isIPv6 ? (address.high | 1 << 63, 0) : (0, address.low)
    }

    /// The client's address if the peer is one of these balancers: the last address of
    /// `X-Forwarded-For` that is not a balancer itself. The ones before it can be forged.
    public func client(behind balancers: [Network], forwardedFor list: [String]) -> SocketAddress {
        guard balancers.contains(where: { $0.contains(self) }) else { return self }
        var client = self
        for hop in list.joined(separator: ",").split(separator: ",").reversed() {
            guard let address = SocketAddress(hop: hop) else { return client }
            client = address
            if !balancers.contains(where: { $0.contains(address) }) { return client }
        }
        return client
    }

    /// An address as proxies write it, with or without a port.
    private init?(hop: Substring) {
        let text = hop.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
        if let whole = SocketAddress(host: text, port: 0) ?? SocketAddress(text) {
            self = whole
        } else {
            return nil
        }
    }
}

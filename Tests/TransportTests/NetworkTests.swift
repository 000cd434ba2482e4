import Testing

@testable import Transport

@Suite("Networks, and clients behind balancers")
struct NetworkTests {
    private func address(_ text: String) throws -> SocketAddress {
        try #require(SocketAddress(host: text, port: 1))
    }

    @Test(
        "an address belongs to a network where it begins like it",
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false),
            ("0.0.0.0/0", "198.51.100.1", true), ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::/65", "2001:db8::8000:0:0:1", false), ("::1", "::1", true),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ])
    func belonging(_ network: String, _ member: String, _ belongs: Bool) throws {
        #expect(try #require(Network(network)).contains(address(member)) == belongs)
    }

    @Test(
        "what is no network is none",
        arguments: [
            "", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "a", "10.0.0/8",
        ])
    func nonsense(_ text: String) { #expect(Network(text) == nil) }

    @Test("a balancer's header is believed, a client's is not, whatever it forges")
    func forwarded() throws {
        let balancers = try ["10.0.0.0/8", "::1"].map { try #require(Network($0)) }
        func client(_ peer: String, _ list: String...) throws -> String {
            try address(peer).client(behind: balancers, forwardedFor: list).host
        }
        #expect(try client("192.0.2.1", "198.51.100.9") == "192.0.2.1")
        #expect(try client("10.1.1.1", "198.51.100.9") == "198.51.100.9")
        #expect(try client("10.1.1.1", "203.0.113.5, 198.51.100.9") == "198.51.100.9")
        #expect(try client("10.1.1.1", "203.0.113.5, 198.51.100.9, 10.2.2.2") == "198.51.100.9")
        #expect(try client("10.1.1.1", "203.0.113.5", "198.51.100.9:4711") == "198.51.100.9")
        #expect(try client("::1", "[2001:db8::5]:80") == "2001:db8::5")
        #expect(try client("10.1.1.1", "unknown") == "10.1.1.1")
        #expect(try client("10.1.1.1", "198.51.100.9, nonsense, 10.3.3.3") == "10.3.3.3")
        #expect(try client("10.1.1.1") == "10.1.1.1")
    }

    @Test("an IPv6 client is the first half of its address, an IPv4 one all of it")
    func halves() throws {
        #expect(try address("2001:db8::1").network == address("2001:db8::2").network)
        #expect(try address("2001:db8::1").network != address("2001:db8:0:1::1").network)
        #expect(try address("192.0.2.1").network != address("192.0.2.2").network)
        #expect(try address("::ffff:192.0.2.1").network == address("192.0.2.1").network)
    }
}

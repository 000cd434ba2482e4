import Basics
import Testing

@testable import Transport

@Suite("PROXY headers")
struct ProxyHeaderTests {
    private static let signature: [UInt8] = Array("\r\n\r\n\0\r\nQUIT\n".utf8)
    private static let client4: [UInt8] = [192, 0, 2, 7, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]
    private static let client6: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7]
        + [UInt8](repeating: 0, count: 15) + [1] + [0xDC, 0x04, 0x01, 0xBB]

    private static func binary(
        _ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? rest.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 255)] + rest
    }

    /// Fed whole, byte by byte, and with bytes behind it.
    private func verdict(_ bytes: [UInt8]) -> ProxyHeader.Verdict {
        let whole = ProxyHeader.read(bytes.span)
        var pieces = ProxyHeader.Verdict.incomplete
        for count in 0...bytes.count where pieces == .incomplete {
            pieces = ProxyHeader.read(bytes.span.extracting(0..<count))
        }
        #expect(whole == pieces)
        if case .complete = whole {
            #expect(ProxyHeader.read((bytes + Array("GET /".utf8)).span) == whole)
        }
        return whole
    }

    private func source(_ text: String) -> SocketAddress? { SocketAddress(text) }

    @Test(
        "a line names the client, or nobody",
        arguments: [
            ("TCP4 192.0.2.7 198.51.100.1 56324 443", "192.0.2.7:56324"),
            ("TCP6 2001:db8::7 2001:db8::1 0 65535", "[2001:db8::7]:0"),
            ("TCP6 ::ffff:192.0.2.7 ::1 1 2", "[::ffff:192.0.2.7]:1"),
            ("UNKNOWN", nil), ("UNKNOWN ffff:f...f:ffff anything 65535", nil),
        ])
    func lines(_ line: String, _ client: String?) {
        let bytes = Array("PROXY \(line)\r\n".utf8)
        #expect(
            verdict(bytes)
                == .complete(length: bytes.count, source: client.flatMap(SocketAddress.init)))
    }

    @Test(
        "a line that two parsers could read differently is refused",
        arguments: [
            "TCP4 192.0.2.7 198.51.100.1 56324\r\n", "TCP4  192.0.2.7 198.51.100.1 1 2\r\n",
            "TCP4 192.0.2.7 198.51.100.1 1 2 \r\n", "TCP4 192.0.2.7 198.51.100.1 1 2\n",
            "TCP4 2001:db8::7 2001:db8::1 1 2\r\n", "TCP6 192.0.2.7 198.51.100.1 1 2\r\n",
            "TCP4 192.0.2.7 ::1 1 2\r\n", "TCP4 192.0.2.7 198.51.100.1 65536 2\r\n",
            "TCP4 192.0.2.7 198.51.100.1 01 2\r\n", "TCP4 192.0.2.7 198.51.100.1 +1 2\r\n",
            "TCP4 192.0.2.7 198.51.100.1 1 \r\n", "TCP4 192.0.2.7\0x 198.51.100.1 1 2\r\n",
            "TCP4 192.0.2 198.51.100.1 1 2\r\n", "TCP4 [192.0.2.7] 198.51.100.1 1 2\r\n",
            "TCP4 0192.0.2.7 198.51.100.1 1 2\r\n", "TCP6 fe80::1%eth0 ::1 1 2\r\n",
            "UDP4 192.0.2.7 198.51.100.1 1 2\r\n", "tcp4 192.0.2.7 198.51.100.1 1 2\r\n",
            "UNKNOWNX\r\n", "\r\n", " \r\n",
            "UNKNOWN " + String(repeating: "x", count: 92) + "\r\n",
        ])
    func malformedLines(_ line: String) {
        guard case .malformed = verdict(Array("PROXY \(line)".utf8)) else {
            Issue.record("accepted: \(line)")
            return
        }
    }

    @Test("the longest line is accepted, and one byte more is not")
    func longestLine() {
        let longest = Array(("PROXY UNKNOWN " + String(repeating: "x", count: 91) + "\r\n").utf8)
        #expect(longest.count == 107 && verdict(longest) == .complete(length: 107, source: nil))
        #expect(
            verdict(Array(longest.dropLast(2) + [0x78, 0x0D, 0x0A]))
                == .malformed("longer than 107 bytes"))
    }

    @Test("a binary header names the client, or nobody, and its fields are passed over")
    func binaryHeaders() {
        let fields: [UInt8] = [0x04, 0, 3, 1, 2, 3, 0x20, 0, 0]
        for (command, family, rest, client) in [
            (0x21, 0x11, Self.client4, "192.0.2.7:56324"),
            (0x21, 0x12, Self.client4, "192.0.2.7:56324"),
            (0x21, 0x11, Self.client4 + fields, "192.0.2.7:56324"),
            (0x21, 0x21, Self.client6, "[2001:db8::7]:56324"),
            (0x21, 0x22, Self.client6 + fields, "[2001:db8::7]:56324"),
            (0x21, 0x31, [UInt8](repeating: 0x2F, count: 216), nil),
            (0x21, 0x00, [], nil), (0x21, 0x00, [1, 2, 3], nil),
            (0x20, 0x00, [], nil), (0x20, 0x11, Self.client4, nil), (0x20, 0xFF, [9], nil),
        ] as [(UInt8, UInt8, [UInt8], String?)] {
            let bytes = Self.binary(command, family, rest)
            #expect(
                verdict(bytes)
                    == .complete(length: bytes.count, source: client.flatMap(SocketAddress.init)))
        }
    }

    @Test("a binary header that is cut short, too long or undefined is refused")
    func malformedBinaryHeaders() {
        for bytes in [
            Self.binary(0x11, 0x11, Self.client4), Self.binary(0x22, 0x11, Self.client4),
            Self.binary(0x2F, 0x11, Self.client4), Self.binary(0x21, 0x13, Self.client4),
            Self.binary(0x21, 0x10, Self.client4), Self.binary(0x21, 0x41, Self.client6),
            Self.binary(0x21, 0x11, Array(Self.client4.dropLast())),
            Self.binary(0x21, 0x21, Self.client4), Self.binary(0x21, 0x31, Self.client6),
            Self.binary(0x21, 0x11, Self.client4 + [4]),
            Self.binary(0x21, 0x11, Self.client4 + [4, 0, 3, 1, 2]),
            Self.binary(0x21, 0x11, Self.client4 + [4, 0xFF, 0xFF]),
            Self.binary(0x21, 0x11, [], length: 2033), Self.binary(0x20, 0x00, [], length: 65535),
        ] {
            guard case .malformed = verdict(bytes) else {
                Issue.record("accepted: \(bytes)")
                continue
            }
        }
        let longest = Self.binary(
            0x21, 0x11, Self.client4 + [4, 0x07, 0xE1] + [UInt8](repeating: 0, count: 2017))
        #expect(longest.count == ProxyHeader.longest)
        #expect(
            verdict(longest)
                == .complete(length: longest.count, source: source("192.0.2.7:56324")))
    }

    @Test(
        "what is none is left alone",
        arguments: ["GET / HTTP/1.1\r\n", "POST /", "PROXYX ", "PROX/", "\r\nGET", "\u{16}\u{3}"])
    func absent(_ text: String) { #expect(verdict(Array(text.utf8)) == .absent) }

    @Test("any bytes get a verdict, and an incomplete header is never longer than the longest")
    func anyBytes() {
        var random = SeededRandom(seed: 49)
        for round in 0..<20_000 {
            var bytes = round.isMultiple(of: 2) ? Array("PROXY ".utf8) : Self.signature
            for _ in 0..<Int(random.next() % 40) {
                bytes.append(UInt8(truncatingIfNeeded: random.next()))
            }
            if !bytes.isEmpty, random.next() % 4 == 0 {
                bytes[Int(random.next() % UInt64(bytes.count))] ^= 1
            }
            switch ProxyHeader.read(bytes.span) {
            case .complete(let length, _): #expect(length <= bytes.count)
            case .incomplete:
                let more = bytes + [UInt8](repeating: 0, count: ProxyHeader.longest)
                #expect(ProxyHeader.read(more.span) != .incomplete)
            case .absent, .malformed: break
            }
        }
    }
}

@Suite("Introduced clients")
struct IntroductionTests {
    private static let request = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"
    private static let line = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"

    private func rig(_ security: ListenerSecurity = .plaintext, listed: Bool = true) throws -> Rig {
        let rig = try Rig(
            security: security,
            balancers: listed ? [try #require(Network("127.0.0.0/8"))] : [])
        rig.plain = { connection, head, _ in
            let peer = connection.peerAddress?.host ?? "nobody"
            connection.respond(status: 200, body: Array("\(peer) \(head.target)".utf8))
        }
        return rig
    }

    private func answer(_ rig: Rig, _ pieces: [String]) throws -> String {
        let peer = try RawPeer(port: rig.port)
        for piece in pieces {
            peer.send(piece)
            rig.run(for: .milliseconds(2))
        }
        rig.run("answered and ended") {
            peer.receive()
            return peer.isEnded
        }
        return peer.text
    }

    @Test("the client's address is the header's, however it arrives")
    func introduced() throws {
        let rig = try rig()
        #expect(try answer(rig, [Self.line + Self.request]).hasSuffix("192.0.2.7 /x"))
        #expect(try answer(rig, [Self.line, Self.request]).hasSuffix("192.0.2.7 /x"))
        let bytes = (Self.line + Self.request).map { String($0) }
        #expect(try answer(rig, bytes).hasSuffix("192.0.2.7 /x"))
        #expect(
            try answer(rig, ["PROXY UNKNOWN\r\n" + Self.request]).hasSuffix("127.0.0.1 /x"))
    }

    @Test("without a header the balancer is the client, even where it begins like one")
    func notIntroduced() throws {
        let rig = try rig()
        #expect(try answer(rig, [Self.request]).hasSuffix("127.0.0.1 /x"))
        let post = "PROPFIND /x HTTP/1.1\r\nHost: h\r\n\r\n".map { String($0) }
        #expect(try answer(rig, post).hasSuffix("127.0.0.1 /x"))
    }

    @Test("a second header, a malformed one and a stranger's are refused")
    func refused() throws {
        let rig = try rig()
        #expect(
            try answer(rig, [Self.line + Self.line + Self.request]).hasPrefix("HTTP/1.1 400 "))
        let malformed = try answer(rig, ["PROXY TCP4 a b c d\r\n" + Self.request])
        #expect(malformed.contains("malformed PROXY header: no TCP4 addresses"))
        let stranger = try answer(try self.rig(listed: false), [Self.line + Self.request])
        #expect(stranger.contains("a PROXY header from an address that --balancers does not list"))
    }

    @Test("half a header is waited for no longer than a request")
    func halfHeader() throws {
        let rig = try rig()
        rig.loop.patience.request = .milliseconds(200)
        #expect(try answer(rig, ["PROXY TCP4 192.0.2"]).hasPrefix("HTTP/1.1 408 "))
        #expect(try answer(rig, ["\r\n\r\n\0\r\nQUIT\n!\u{11}"]).hasPrefix("HTTP/1.1 408 "))
        rig.run("gone") { rig.loop.connectionCount == 0 }
    }

    @Test("TLS begins behind the header, and plain bytes do not pass where TLS is required")
    func beforeTLS() throws {
        let authority = try testCA()
        let rig = try rig(.tls(authority.tls))
        let peer = try RawPeer(port: rig.port)
        peer.send(Self.line)
        // Half a hello: TLS has it, and waits.
        peer.send([0x16, 3, 1, 2])
        rig.run(for: .milliseconds(20))
        #expect(rig.dismissals.isEmpty)
        let plain = try answer(rig, ["P", "OST /x HTTP/1.1\r\nHost: h\r\n\r\n"])
        #expect(
            plain.isEmpty && rig.dismissals.last?.description == "neither a PROXY header nor TLS")
    }
}

import Basics
import CLinux
import Testing
import WebSocket

@testable import Transport

@Suite("Requests and answers")
struct HandshakeTests {
    private func exchange(_ rig: Rig, _ request: String) throws -> String {
        let peer = try RawPeer(port: rig.port)
        peer.send(request)
        rig.run("answered and ended") {
            peer.receive()
            return peer.isEnded
        }
        return peer.text
    }

    @Test("plain requests and bad heads get an HTTP answer and the end of the connection")
    func plainRequests() throws {
        let rig = try Rig()
        let health = try exchange(rig, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(health.hasPrefix("HTTP/1.1 426 "))
        #expect(health.contains("Content-Type: application/json\r\n"))
        #expect(health.hasSuffix(#"{"target":"/healthz"}"#))
        #expect(rig.dismissals.isEmpty)

        #expect(try exchange(rig, "GET / HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
        let long = "GET / HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "x", count: 20_000)
        #expect(try exchange(rig, long).hasPrefix("HTTP/1.1 431 "))
        #expect(rig.dismissals.map(\.status) == [400, 431])
        rig.run("gone") { rig.loop.connectionCount == 0 }
    }

    @Test("a head that does not arrive in time gets 408, half a TLS hello is disconnected")
    func slowLoris() throws {
        let rig = try Rig(security: .either(testCA().tls))
        let neighbour = Probe()
        let connection = rig.dial(neighbour)
        rig.run("open") { connection.isOpen }
        rig.loop.patience.request = .milliseconds(500)
        let (slow, half) = (try RawPeer(port: rig.port), try RawPeer(port: rig.port))
        slow.send("GET / HTTP/1.1\r\nHo")
        half.send([0x16, 3, 1, 2])
        rig.run("ended") {
            slow.receive()
            half.receive()
            return slow.isEnded && half.isEnded
        }
        #expect(slow.text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(half.received.isEmpty)
        #expect(rig.dismissals.count == 2)
        #expect(rig.dismissals.contains { $0.status == 408 })
        #expect(rig.dismissals.contains { $0.kind == .timedOut })
        #expect(connection.isOpen)
    }

    @Test("a client that leaves before it is answered is reported")
    func leavesEarly() throws {
        let rig = try Rig()
        let server = Probe()
        rig.serve = { connection, _ in connection.delegate = server }
        do {
            let peer = try RawPeer(port: rig.port)
            peer.send(RawPeer.upgrade)
            rig.run("asked") { rig.clients.count == 1 }
            rig.run(for: .milliseconds(20))
            #expect(server.heard.isEmpty)
        }
        rig.run("reported") { server.isOver }
        #expect(server.heard == [.failed(.ended, "the peer left")])
        #expect(rig.loop.connectionCount == 0)
    }

    @Test("data that a client sends before the 101 is read after it")
    func earlyFrames() throws {
        let rig = try Rig()
        let server = Probe()
        rig.serve = { connection, _ in connection.delegate = server }
        let peer = try RawPeer(port: rig.port)
        peer.send(Array(RawPeer.upgrade.utf8) + frame(.text, [0x61]))
        rig.run("asked") { rig.clients.count == 1 }
        rig.run(for: .milliseconds(20))
        #expect(server.heard.isEmpty)
        rig.clients[0].accept()
        rig.run("received") { !server.heard.isEmpty }
        #expect(server.heard == [.message(.text, [0x61], framed: true)])
    }

    @Test("target and headers of a dial arrive as given")
    func dialedHead() throws {
        let rig = try Rig()
        var seen: UpgradeRequest?
        rig.serve = { connection, request in
            seen = request
            connection.respond(
                status: 429, headers: [HeaderField("Retry-After", "7")!], body: Array("{}".utf8))
        }
        let probe = Probe()
        _ = rig.dial(
            probe, target: "//ws/a?key=%20b&x=1", headers: [HeaderField("X-Goog-Api-Key", "k")!])
        rig.run("refused") { probe.isOver }
        #expect(seen?.target == "//ws/a?key=%20b&x=1")
        #expect(seen?.headers.first("x-goog-api-key") == "k")
        #expect(seen?.headers.first("Host") == "127.0.0.1:\(rig.port)")
        #expect(probe.heard == [.refused(429, "{}")])
    }

    @Test("dial failures say what failed, in the system's words")
    func failures() throws {
        let rig = try Rig()
        let deaf = try DeafPort()
        let probe = Probe()
        _ = rig.dial(probe, port: deaf.port)
        rig.run("failed") { probe.isOver }
        let port = deaf.port
        #expect(
            probe.heard == [
                .failed(
                    .connect,
                    "connecting to 127.0.0.1:\(port): Connection refused")
            ])

        let nameless = Probe()
        _ = rig.dial(nameless, host: "no such name.invalid")
        rig.run("failed") { nameless.isOver }
        guard case .failed(.lookup, let words) = nameless.last else {
            Issue.record("\(nameless.heard)")
            return
        }
        #expect(words.hasPrefix("looking no such name.invalid up: "))
    }

    @Test("an upstream that does not answer the upgrade is abandoned in time")
    func upgradeTimeout() throws {
        let rig = try Rig()
        rig.serve = { connection, _ in connection.delegate = Probe() }
        let probe = Probe()
        _ = rig.dial(probe, timeout: .seconds(1))
        rig.run("failed") { probe.isOver }
        #expect(
            probe.heard == [
                .failed(
                    .timedOut,
                    "127.0.0.1:\(rig.port): waiting for the upgrade's answer took over 1000 ms")
            ])
    }

    @Test("a wrong certificate is refused, with OpenSSL's message")
    func certificates() throws {
        let rig = try Rig(security: .tls(testCA().tls))
        let trusting = try ClientTLS(authorities: testCA().authorityFile)
        let strict = try ClientTLS()
        func attempt(_ tls: ClientTLS, _ host: String, _ other: Rig? = nil) -> Heard? {
            let probe = Probe()
            let rig = other ?? rig
            let connection = rig.dial(probe, tls: tls, host: host)
            rig.run("decided") { probe.isOver || connection.isOpen }
            let last = probe.last
            connection.abandon()
            return last
        }
        #expect(attempt(trusting, "localhost") == .opened(nil))
        #expect(attempt(trusting, "127.0.0.1") == .opened(nil))
        let unknown = attempt(strict, "localhost")
        guard case .failed(.tls, let words) = unknown else {
            Issue.record("\(String(describing: unknown))")
            return
        }
        #expect(words.contains("certificate verify failed: "))
        let elsewhere = try Rig(security: .tls(testCA().tls), host: "127.0.0.2")
        let wrongHost = attempt(trusting, "127.0.0.2", elsewhere)
        guard case .failed(.tls, let hostWords) = wrongHost else {
            Issue.record("\(String(describing: wrongHost))")
            return
        }
        #expect(hostWords.contains("certificate verify failed: IP address mismatch"))
    }

    @Test("a plaintext answer to a TLS hello fails the dial, with a description")
    func notTLS() throws {
        let rig = try Rig()
        let probe = Probe()
        _ = rig.dial(
            probe, tls: try ClientTLS(authorities: testCA().authorityFile), host: "localhost")
        rig.run("failed") { probe.isOver }
        guard case .failed(.tls, let words) = probe.last else {
            Issue.record("\(probe.heard)")
            return
        }
        #expect(words.contains("wrong version number") || words.contains("packet length"))
    }

    @Test("a dead address does not delay a working one")
    func happyEyeballs() throws {
        let rig = try Rig()
        let probe = Probe()
        let connection = Connection(
            role: .client, phase: .dialing, loop: rig.loop, limits: ConnectionLimits())
        connection.delegate = probe
        let endpoint = Endpoint(isSecure: false, host: "two.example", port: rig.port)
        connection.dial = DialRequest(endpoint: endpoint, target: "/", tls: try ClientTLS())
        let dialer = Dialer(endpoint, for: connection, on: rig.loop)
        connection.dialer = dialer
        // The rig listens on 127.0.0.1 alone.
        dialer.found(
            .success([
                SocketAddress(host: "::1", port: 0)!, SocketAddress(host: "127.0.0.1", port: 0)!,
            ]))
        rig.run("open") { connection.isOpen || probe.isOver }
        #expect(probe.heard == [.opened(nil)])
        #expect(connection.peerAddress?.host == "127.0.0.1")
        connection.abandon()
    }

    @Test("address families alternate, in the resolver's order")
    func interleaving() {
        let addresses = ["::1", "::2", "::3", "1.1.1.1", "2.2.2.2"].map {
            SocketAddress(host: $0, port: 0)!
        }
        #expect(
            Dialer.interleaved(addresses).map(\.host) == [
                "::1", "1.1.1.1", "::2", "2.2.2.2", "::3",
            ])
    }

    @Test("a dial can be abandoned at any stage, and its delegate is not called again")
    func abandoned() throws {
        let rig = try Rig()
        rig.serve = { connection, _ in connection.delegate = Probe() }
        for turns in 0..<6 {
            let probe = Probe()
            let connection = rig.dial(probe, host: turns % 2 == 0 ? "localhost" : "127.0.0.1")
            for _ in 0..<turns { rig.loop.runOnce(longest: .milliseconds(2)) }
            connection.abandon()
            rig.run(for: .milliseconds(10))
            #expect(probe.heard.isEmpty)
        }
        rig.run("gone") { rig.loop.connectionCount == 0 }
    }
}

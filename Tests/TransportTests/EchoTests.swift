import Basics
import Foundation
import Testing
import WebSocket

@testable import Transport

@Suite("Messages over a connection")
struct EchoTests {
    static let sizes = [0, 1, 125, 126, 65535, 65536, 300_000]

    private func echo(_ rig: Rig, tls: ClientTLS?) {
        let probe = Probe()
        let connection = rig.dial(
            probe, tls: tls, host: tls == nil ? "127.0.0.1" : "localhost",
            subprotocols: ["a", "b"])
        rig.run("open") { connection.isOpen || probe.isOver }
        #expect(probe.heard == [.opened("a")])
        probe.heard = []
        var expected: [Heard] = []
        for size in Self.sizes {
            let text = (0..<size).map { UInt8(ascii: "a") + UInt8($0 % 26) }
            let binary = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            connection.send(text.span, as: .text)
            connection.send(binary.span, as: .binary)
            expected.append(.message(.text, text, framed: true))
            expected.append(.message(.binary, binary, framed: true))
        }
        rig.run("echoed") { probe.heard.count >= expected.count || probe.isOver }
        #expect(probe.heard == expected)
        #expect(probe.batches >= 1)
        connection.close(1000, "bye")
        rig.run("closed") { probe.isOver && rig.loop.connectionCount == 0 }
        #expect(probe.last == .closed(1000, "bye"))
    }

    @Test("an echo comes back whole over plaintext, in all frame lengths")
    func plaintext() throws { echo(try Rig(), tls: nil) }

    @Test("an echo comes back whole over TLS")
    func overTLS() throws {
        let tls = try ClientTLS(authorities: testCA().authorityFile)
        echo(try Rig(security: .tls(testCA().tls)), tls: tls)
    }

    @Test("one port takes plaintext and TLS")
    func bothOnOnePort() throws {
        let rig = try Rig(security: .either(testCA().tls))
        echo(rig, tls: nil)
        echo(rig, tls: try ClientTLS(authorities: testCA().authorityFile))
    }

    @Test("a second TLS connection resumes the first one's session")
    func resumption() throws {
        let rig = try Rig(security: .tls(testCA().tls))
        let tls = try ClientTLS(authorities: testCA().authorityFile)
        for isSecond in [false, true] {
            let probe = Probe()
            let connection = rig.dial(probe, tls: tls, host: "localhost")
            rig.run("open") { connection.isOpen || probe.isOver }
            #expect(connection.tls?.wasResumed == isSecond)
            connection.close(1000)
            rig.run("closed") { probe.isOver }
        }
    }

    @Test("a 16 MiB message passes both ways, over plaintext and TLS")
    func giants() throws {
        for tls in [nil, try ClientTLS(authorities: testCA().authorityFile)] {
            let rig = try Rig(security: .either(testCA().tls))
            let probe = Probe()
            probe.remembersMessages = false
            var isSame = false
            // Repeats only after a prime number of bytes, so that no lost block goes unseen.
            let unit = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            var giant: [UInt8] = []
            while giant.count < 16 << 20 { giant += unit }
            giant.removeLast(giant.count - (16 << 20))
            probe.onMessage = { _, message in
                isSame = message.payload.withUnsafeBytes { received in
                    giant.withUnsafeBytes { sent in
                        received.count == sent.count
                            && memcmp(received.baseAddress!, sent.baseAddress!, sent.count) == 0
                    }
                }
            }
            let connection = rig.dial(probe, tls: tls, host: "localhost")
            rig.run("open") { connection.isOpen || probe.isOver }
            connection.send(giant.span, as: .binary)
            rig.run("echoed", within: .seconds(120)) { probe.messageCount == 1 || probe.isOver }
            #expect(isSame)
        }
    }

    @Test("fragments are assembled, with pings answered between them")
    func fragments() throws {
        let rig = try Rig()
        let server = Probe()
        rig.serve = { connection, _ in
            connection.delegate = server
            connection.accept()
        }
        let peer = try RawPeer(port: rig.port)
        peer.upgrade(rig)
        // The euro sign's three bytes are spread over the fragments.
        peer.send(
            frame(.text, [0x61, 0xE2], fin: false) + frame(.ping, [1, 2])
                + frame(.continuation, [0x82], fin: false) + frame(.continuation, [0xAC])
                + frame(.binary, [9]))
        rig.run("received") { server.heard.count >= 2 }
        #expect(
            server.heard == [
                .message(.text, Array("a€".utf8), framed: false),
                .message(.binary, [9], framed: true),
            ])
        let pong = frame(.pong, [1, 2], mask: nil)
        rig.run("ponged") {
            peer.receive()
            return peer.received.count >= pong.count
        }
        #expect(peer.received == pong)
    }

    @Test("a peer that sends byte by byte is understood")
    func byteByByte() throws {
        let rig = try Rig()
        let server = Probe()
        rig.serve = { connection, _ in
            connection.delegate = server
            connection.accept()
        }
        let peer = try RawPeer(port: rig.port)
        for byte in Array(RawPeer.upgrade.utf8) {
            peer.send([byte])
            rig.loop.runOnce(longest: .zero)
        }
        let payload = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
        for byte in frame(.binary, payload) + frame(.text, Array("hi".utf8)) {
            peer.send([byte])
            rig.loop.runOnce(longest: .zero)
        }
        rig.run("received") { server.heard.count >= 2 }
        #expect(
            server.heard == [
                .message(.binary, payload, framed: true),
                .message(.text, Array("hi".utf8), framed: true),
            ])
    }

    @Test("a large frame that trickles in is understood")
    func trickle() throws {
        let rig = try Rig()
        let server = Probe()
        rig.serve = { connection, _ in
            connection.delegate = server
            connection.accept()
        }
        let peer = try RawPeer(port: rig.port)
        peer.upgrade(rig)
        let payload = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 3) }
        let wire = frame(.binary, payload) + frame(.text, [0x61])
        var sent = 0
        while sent < wire.count {
            let piece = Array(wire[sent..<min(sent + 777, wire.count)])
            sent += max(0, peer.send(piece))
            rig.loop.runOnce(longest: .zero)
        }
        rig.run("received") { server.heard.count >= 2 }
        #expect(
            server.heard == [
                .message(.binary, payload, framed: true), .message(.text, [0x61], framed: true),
            ])
    }

    @Test("our ping is answered and timed")
    func pings() throws {
        let rig = try Rig()
        let (client, server) = (Probe(), Probe())
        let pair = rig.pair(client, server)
        pair.client.ping()
        pair.server.ping()
        rig.run("ponged") { client.heard.contains(.ponged) && server.heard.contains(.ponged) }
    }

    @Test("an idle dialed connection waits for its first message")
    func idle() throws {
        let rig = try Rig()
        let (client, server) = (Probe(), Probe())
        let pair = rig.pair(client, server)
        rig.run(for: .milliseconds(300))
        pair.client.send([0x61].span, as: .text)
        rig.run("received") { !server.heard.isEmpty }
        #expect(server.heard == [.message(.text, [0x61], framed: true)])
    }
}

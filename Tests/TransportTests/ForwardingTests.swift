import Basics
import CLinux
import Testing
import WebSocket

@testable import Transport

/// A little proxy: each client gets an upstream connection, and messages pass between.
private final class Relay {
    let rig: Rig
    let front = Probe()
    let back = Probe()
    var client: Connection?
    var upstream: Connection?
    var limits = ConnectionLimits()

    init(_ rig: Rig, upstreamPort: UInt16, limits: ConnectionLimits = ConnectionLimits()) {
        self.rig = rig
        self.limits = limits
        front.remembersMessages = false
        back.remembersMessages = false
        front.onMessage = { [unowned self] _, message in self.upstream?.forward(message) }
        back.onMessage = { [unowned self] _, message in self.client?.forward(message) }
        rig.serve = { [unowned self] connection, request in
            self.client = connection
            connection.delegate = self.front
            connection.limits = self.limits
            self.upstream = rig.dial(self.back, port: upstreamPort, target: request.target)
            self.back.onOpen = { [unowned self] upstream in
                connection.source = upstream
                upstream.source = connection
                connection.accept()
                _ = self
            }
        }
        front.onClosed = { [unowned self] _ in self.upstream?.close(1000) }
        back.onClosed = { [unowned self] _ in self.client?.close(1001) }
    }
}

@Suite("Forwarding")
struct ForwardingTests {
    /// A listening socket of the test's own, as the upstream.
    private func upstream() throws -> ListeningSocket {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        return try #require(try ListeningSocket.bind(address, count: 1).first)
    }

    /// Accepts the relay's dial and upgrades it by hand.
    private func accept(_ socket: ListeningSocket, _ rig: Rig) throws -> RawPeer {
        var peer: RawPeer?
        rig.run("dialed") {
            var address = tk_address()
            let fd = tk_accept(socket.fd, &address)
            if fd >= 0 { peer = RawPeer(fd: fd) }
            return peer != nil
        }
        let upstream = try #require(peer)
        rig.run("asked") {
            upstream.receive()
            return upstream.text.hasSuffix("\r\n\r\n")
        }
        let line = try #require(
            upstream.text.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") })
        let accept = Upgrade.accept(
            digest: sha1(Upgrade.acceptInput(key: String(line.dropFirst(19)))))
        upstream.received = []
        upstream.send(Upgrade.response(accept: accept))
        return upstream
    }

    @Test("single frames leave as the bytes that arrived, both ways, in one run")
    func sameBytes() throws {
        let rig = try Rig()
        let socket = try upstream()
        defer { tk_close(socket.fd, 0) }
        let relay = Relay(rig, upstreamPort: socket.address.port)
        let client = try RawPeer(port: rig.port)
        client.send(RawPeer.upgrade)
        let upstream = try accept(socket, rig)
        rig.run("open") { relay.client?.isOpen == true }
        client.receive()
        client.received = []

        var up: [UInt8] = []
        for index in 0..<50 {
            up += frame(
                index % 3 == 0 ? .binary : .text, [UInt8](repeating: 0x61, count: index * 40),
                mask: UInt32(index) &* 0x9E37_79B9)
        }
        client.send(up)
        rig.run("forwarded up") {
            upstream.receive()
            return upstream.received.count >= up.count
        }
        #expect(upstream.received == up)

        var down: [UInt8] = []
        for index in 0..<50 {
            down += frame(.text, [UInt8](repeating: 0x62, count: index * 333), mask: nil)
        }
        upstream.send(down)
        rig.run("forwarded down") {
            client.receive()
            return client.received.count >= down.count
        }
        #expect(client.received == down)
        #expect(relay.client?.backlogCount == 0)
        #expect(relay.back.messageCount == 50)
        relay.client?.abandon()
        relay.upstream?.abandon()
        rig.run("over") { rig.loop.connectionCount == 0 }
    }

    @Test("messages sent between forwarded ones keep their place")
    func order() throws {
        let rig = try Rig()
        let socket = try upstream()
        defer { tk_close(socket.fd, 0) }
        let relay = Relay(rig, upstreamPort: socket.address.port)
        relay.back.onMessage = { [unowned relay] _, message in
            if message.payload.count == 2 { relay.client?.send([0x58].span, as: .text) }
            if message.payload.count != 3 { relay.client?.forward(message) }
        }
        let client = try RawPeer(port: rig.port)
        client.send(RawPeer.upgrade)
        let upstream = try accept(socket, rig)
        rig.run("open") { relay.client?.isOpen == true }
        client.receive()
        client.received = []
        let frames = (1...5).map { frame(.text, [UInt8](repeating: 0x61, count: $0), mask: nil) }
        upstream.send(frames.flatMap { $0 })
        let expected =
            frames[0] + frame(.text, [0x58], mask: nil) + frames[1] + frames[3] + frames[4]
        rig.run("forwarded") {
            client.receive()
            return client.received.count >= expected.count
        }
        #expect(client.received == expected)
        relay.client?.abandon()
        relay.upstream?.abandon()
        rig.run("over") { rig.loop.connectionCount == 0 }
    }

    @Test("an owner is told what waits of messages that are not complete")
    func halfMessages() throws {
        let rig = try Rig()
        let client = try RawPeer(port: rig.port)
        let (probe, other) = (Probe(), Probe())
        rig.serve = { connection, _ in
            connection.delegate = probe
            connection.accept()
        }
        client.send(RawPeer.upgrade)
        rig.run("open") { rig.clients.first?.isOpen == true }
        // One that is copied in front of the next read, and one that is read into its own memory.
        for length in [2_000, 200_000] {
            let whole = frame(.binary, [UInt8](repeating: 0x61, count: length))
            client.send(Array(whole[..<(length / 2)]))
            rig.run("half") { probe.held == length / 2 }
            client.send(Array(whole[(length / 2)...]))
            rig.run("whole") { probe.held == 0 }
        }
        client.send(frame(.text, [0x61, 0x62], fin: false))
        rig.run("a fragment") { probe.held == 2 }
        // Whoever is the next owner has it, and nobody after the end.
        rig.clients[0].delegate = other
        #expect(probe.held == 0 && other.held == 2)
        client.send(frame(.continuation, [0x63], fin: true))
        rig.run("the rest") { other.messageCount == 1 }
        #expect(other.held == 0 && probe.messageCount == 2)
        client.send(frame(.text, [0x61, 0x62], fin: false))
        rig.run("a fragment") { other.held == 2 }
        rig.clients[0].abandon()
        #expect(other.held == 0)
    }

    @Test("a client that reads slowly slows down the upstream, and loses nothing")
    func backpressure() throws {
        let rig = try Rig()
        let socket = try upstream()
        defer { tk_close(socket.fd, 0) }
        let relay = Relay(
            rig, upstreamPort: socket.address.port,
            limits: ConnectionLimits(message: 1 << 20, buffer: 64 << 10))
        let client = try RawPeer(port: rig.port)
        client.send(RawPeer.upgrade)
        let upstream = try accept(socket, rig)
        rig.run("open") { relay.client?.isOpen == true }
        client.receive()
        client.received = []

        let wire = (0..<6000).flatMap { index in
            frame(.binary, [UInt8](repeating: UInt8(index & 255), count: 4096), mask: nil)
        }
        var sent = 0
        var mostWaiting = 0
        var wasThrottled = false
        // First the client reads nothing, until the upstream can write no more.
        var idle = 0
        rig.run("full", within: .seconds(60)) {
            mostWaiting = max(mostWaiting, relay.client?.backlogCount ?? 0)
            #expect(relay.front.held == relay.client?.backlogCount)
            wasThrottled = wasThrottled || relay.upstream?.isThrottled == true
            let count = upstream.send(Array(wire[sent..<min(sent + 65536, wire.count)]))
            if count > 0 { (sent, idle) = (sent + count, 0) } else { idle += 1 }
            return wasThrottled && idle >= 50
        }
        #expect(sent < wire.count)
        // One read may pass the limit before it is seen.
        #expect(mostWaiting <= (64 << 10) + EventLoop.bufferSize)
        var received: [UInt8] = []
        rig.run("all there", within: .seconds(60)) {
            if sent < wire.count {
                sent += max(0, upstream.send(Array(wire[sent..<min(sent + 65536, wire.count)])))
            }
            client.received = []
            client.receive()
            received += client.received
            return received.count >= wire.count
        }
        #expect(received == wire)
        #expect(relay.upstream?.isThrottled == false)
        #expect(relay.front.held == 0)
        relay.client?.abandon()
        relay.upstream?.abandon()
        rig.run("over") { rig.loop.connectionCount == 0 }
    }

    @Test("a client that never reads is reported stuck and closed with 1013; its neighbour is not")
    func stuck() throws {
        let rig = try Rig()
        let neighbour = Probe()
        let neighbourConnection = rig.dial(neighbour)
        rig.run("open") { neighbourConnection.isOpen }
        let socket = try upstream()
        defer { tk_close(socket.fd, 0) }
        let relay = Relay(
            rig, upstreamPort: socket.address.port,
            limits: ConnectionLimits(message: 1 << 20, buffer: 64 << 10))
        rig.loop.patience.stuck = .milliseconds(500)
        relay.front.onStuck = { $0.close(1013, "not reading") }
        let client = try RawPeer(port: rig.port)
        client.send(RawPeer.upgrade)
        let upstream = try accept(socket, rig)
        rig.run("open") { relay.client?.isOpen == true }
        client.receive()
        client.received = []
        let unit = frame(.binary, [UInt8](repeating: 7, count: 50_000), mask: nil)
        let wire = (0..<4).flatMap { _ in unit }
        var offset = 0
        rig.run("stuck", within: .seconds(60)) {
            let count = upstream.send(Array(wire[offset...]))
            if count > 0 { offset = (offset + count) % wire.count }
            return relay.front.heard.contains(.stuck)
        }
        rig.run("over", within: .seconds(30)) { relay.front.isOver }
        #expect(relay.front.heard == [.stuck, .closed(1006, "")])
        #expect(neighbourConnection.isOpen)
        neighbourConnection.send([1].span, as: .binary)
        rig.run("echoed") { neighbour.messageCount == 1 }
    }

    @Test("a stuck client that reads again finds whole frames and then the close frame")
    func stuckThenReading() throws {
        for tls in [nil, try ClientTLS(authorities: testCA().authorityFile)] {
            let rig = try Rig(security: .either(testCA().tls))
            let (client, server) = (Probe(), Probe())
            client.remembersMessages = false
            let pair = rig.pair(
                client, server, tls: tls,
                limits: ConnectionLimits(message: 1 << 20, buffer: 64 << 10))
            rig.loop.patience.stuck = .milliseconds(500)
            server.onStuck = { $0.close(1013, "not reading") }
            pair.client.pause()
            let payload = [UInt8](repeating: 7, count: 50_000)
            var sent = 0
            rig.run("full") {
                if !pair.server.isOverLimit {
                    pair.server.send(payload.span, as: .binary)
                    sent += 1
                }
                return pair.server.isOverLimit && pair.server.isBlocked
            }
            rig.run("stuck", within: .seconds(60)) { server.heard.contains(.stuck) }
            pair.client.resume()
            rig.run("closed") { client.isOver && server.isOver }
            #expect(client.last == .closed(1013, "not reading"))
            #expect(server.last == .closed(1013, "not reading"))
            // Each one that came was whole; what had not been begun was dropped.
            #expect(client.messageBytes == client.messageCount * payload.count)
            #expect(client.messageCount > 0 && client.messageCount < sent)
        }
    }
}

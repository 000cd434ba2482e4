import Basics
import CLinux
import Foundation
import Testing
import WebSocket

@testable import Transport

@Suite("Ends")
struct ClosingTests {
    static let codes: [UInt16] = [
        1000, 1001, 1003, 1005, 1007, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
    ]

    @Test("close codes and reasons arrive as sent, both ways")
    func codes() throws {
        let rig = try Rig()
        for code in Self.codes {
            for clientCloses in [true, false] {
                let (client, server) = (Probe(), Probe())
                let pair = rig.pair(client, server)
                let reason = code == 1005 ? "" : "reason für \(code)"
                (clientCloses ? pair.client : pair.server).close(code, reason)
                rig.run("closed") { client.isOver && server.isOver }
                #expect(client.heard == [.opened(nil), .closed(code, reason)])
                #expect(server.heard == [.closed(code, reason)])
            }
        }
        rig.run("gone") { rig.loop.connectionCount == 0 }
    }

    @Test("a long reason is cut at a character")
    func longReason() throws {
        let rig = try Rig()
        let (client, server) = (Probe(), Probe())
        let pair = rig.pair(client, server)
        pair.client.close(4000, String(repeating: "é", count: 100))
        rig.run("closed") { server.isOver }
        #expect(server.heard == [.closed(4000, String(repeating: "é", count: 61))])
    }

    @Test("a close frame is answered with the same code, and the server ends TCP")
    func answer() throws {
        let rig = try Rig()
        for (sent, expected) in [
            (closePayload(4001, "x"), closePayload(4001, "x")), ([], []),
        ] {
            let peer = try RawPeer(port: rig.port)
            peer.upgrade(rig)
            peer.send(frame(.close, sent) + frame(.text, [0x61]))
            rig.run("ended") {
                peer.receive()
                return peer.isEnded
            }
            #expect(peer.received == frame(.close, expected, mask: nil))
        }
    }

    @Test("an end without a close frame is 1006")
    func lost() throws {
        let rig = try Rig()
        let server = Probe()
        rig.serve = { connection, _ in
            connection.delegate = server
            connection.accept()
        }
        do {
            let peer = try RawPeer(port: rig.port)
            peer.upgrade(rig)
        }
        rig.run("over") { server.isOver }
        #expect(server.heard == [.closed(1006, "")])
    }

    @Test("a peer that never answers our close frame is disconnected after a while")
    func unanswered() throws {
        let rig = try Rig()
        let server = Probe()
        rig.serve = { connection, _ in
            connection.delegate = server
            connection.accept()
        }
        let peer = try RawPeer(port: rig.port)
        peer.upgrade(rig)
        rig.clients[0].close(1001, "going")
        rig.run("over") { server.isOver }
        #expect(server.heard == [.closed(1006, "")])
        peer.receive()
        #expect(peer.received == frame(.close, closePayload(1001, "going"), mask: nil))
    }

    @Test("violations have the right close codes")
    func violations() throws {
        let rig = try Rig()
        rig.loop.patience.close = .milliseconds(300)
        let offences: [([UInt8], UInt16)] = [
            (frame(.text, [0x61], mask: nil), 1002),
            (frame(.text, [0xFF, 0xFE]), 1007),
            (frame(.continuation, [0x61]), 1002),
            (frame(.ping, [0x61], fin: false), 1002),
            (frame(.close, [3]), 1002),
            (frame(.close, closePayload(1005)), 1002),
            (frame(.close, closePayload(1000) + [0xFF]), 1007),
            ([0xC1, 0x80, 0, 0, 0, 0], 1002),
            ([0x82, 0xFF, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], 1009),
        ]
        for (bytes, code) in offences {
            let server = Probe()
            rig.serve = { connection, _ in
                connection.delegate = server
                connection.accept()
            }
            let peer = try RawPeer(port: rig.port)
            peer.upgrade(rig)
            peer.send(bytes + frame(.text, [0x61]))
            rig.run("ended") {
                peer.receive()
                return peer.isEnded
            }
            #expect(peer.received.prefix(1) == [0x88])
            #expect(peer.received.dropFirst(2).prefix(2) == closePayload(code)[...])
            rig.run("over", within: .seconds(10)) { server.isOver }
            #expect(server.heard.first == .violated(code))
        }
    }

    @Test("a delegate may end any connection from any call")
    func endsFromCalls() throws {
        let rig = try Rig()
        for step in 0..<4 {
            let (client, server) = (Probe(), Probe())
            let pair = rig.pair(client, server)
            server.onMessage = { connection, _ in
                switch step {
                case 0: connection.abandon()
                case 1: connection.close(4002)
                case 2: pair.client.abandon()
                default:
                    connection.close(4002)
                    connection.abandon()
                }
            }
            let message = [UInt8](repeating: 0x61, count: 10)
            for _ in 0..<5 { pair.client.send(message.span, as: .text) }
            rig.run("over") { rig.loop.connectionCount == 0 }
            #expect(server.messageCount >= 1)
        }
    }

    /// Of one end of an IPv4 connection; nil for any other descriptor.
    private func port(
        _ fd: Int32,
        _ end: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { end(fd, $0, &length) }
        }
        guard status == 0, address.sin_family == AF_INET else { return nil }
        return UInt16(bigEndian: address.sin_port)
    }

    @Test("a thousand connections leave no descriptors or objects behind")
    func leaks() throws {
        let rig = try Rig()
        // Descriptors of this rig's connections alone: other tests run in parallel, with their own.
        func sockets() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
                guard let fd = Int32(name), let own = port(fd, getsockname),
                    let peer = port(fd, getpeername)
                else { return false }
                return own == rig.port || peer == rig.port
            }
        }
        final class Box { weak var connection: Connection? }
        var boxes: [Box] = []
        for _ in 0..<10 {
            var connections: [Connection] = []
            for _ in 0..<100 {
                let probe = Probe()
                let connection = rig.dial(probe)
                connections.append(connection)
                let box = Box()
                box.connection = connection
                boxes.append(box)
            }
            rig.run("open") { connections.allSatisfy(\.isOpen) }
            #expect(try sockets() == 200)
            for connection in connections {
                connection.send([0x61].span, as: .text)
                connection.close(1000)
            }
            rig.run("over") { rig.loop.connectionCount == 0 }
            for client in rig.clients {
                let box = Box()
                box.connection = client
                boxes.append(box)
            }
            rig.clients = []
        }
        #expect(boxes.count == 2000)
        rig.run("released") { boxes.allSatisfy { $0.connection == nil } }
        #expect(try sockets() == 0)
    }
}

@Suite("Hostile peers")
struct HostileTests {
    /// A server's end, upgraded by hand.
    private func open(_ rig: Rig, _ server: Probe) throws -> RawPeer {
        rig.serve = { connection, _ in
            connection.delegate = server
            connection.limits.message = 1 << 20
            connection.accept()
        }
        let peer = try RawPeer(port: rig.port)
        peer.upgrade(rig)
        return peer
    }

    @Test("any legal sequence of frames is understood, however it is split")
    func anyCut() throws {
        let rig = try Rig()
        for seed in 1...12 {
            var random = SeededRandom(seed: UInt64(seed))
            let server = Probe()
            let peer = try open(rig, server)
            var wire: [UInt8] = []
            var expected: [Heard] = []
            for _ in 0..<20 {
                let size = [0, 3, 130, 5000, 17_000, 70_000, 300_000][Int(random.next() % 7)]
                let text = Array(String(repeating: "aé€😀", count: size / 10).utf8)
                if random.chance(0.5) {
                    wire += frame(.text, text, mask: UInt32(truncatingIfNeeded: random.next()))
                    expected.append(.message(.text, text, framed: true))
                } else {
                    let cuts = (0..<3).map { _ in Int(random.next() % UInt64(text.count + 1)) }
                    let ends = cuts.sorted() + [text.count]
                    var start = 0
                    for (index, end) in ends.enumerated() {
                        wire += frame(
                            index == 0 ? .text : .continuation, Array(text[start..<end]),
                            fin: index == ends.count - 1,
                            mask: UInt32(truncatingIfNeeded: random.next()))
                        if random.chance(0.3) { wire += frame(.ping, [1]) }
                        start = end
                    }
                    expected.append(.message(.text, text, framed: false))
                }
            }
            var sent = 0
            let piece = [1 << 20, 65_536, 10_000, 1_777][seed % 4]
            rig.run("received", within: .seconds(60)) {
                if sent < wire.count {
                    let end = min(sent + Int(random.next() % UInt64(piece)) + 1, wire.count)
                    sent += max(0, peer.send(Array(wire[sent..<end])))
                }
                peer.receive()
                return server.heard.count >= expected.count
            }
            #expect(server.heard == expected, "seed \(seed)")
        }
    }

    @Test("any bytes at all end in a close frame or in silence, never in a trap")
    func anyBytes() throws {
        let rig = try Rig(security: .either(testCA().tls))
        rig.loop.patience.close = .milliseconds(100)
        rig.loop.patience.request = .milliseconds(300)
        for seed in 1...100 {
            var random = SeededRandom(seed: UInt64(seed))
            let noise = (0..<Int(random.next() % 3000)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            if seed % 3 == 0 {
                let peer = try RawPeer(port: rig.port)
                peer.send((seed % 2 == 0 ? [0x16, 3, 1] : []) + noise)
                rig.run(for: .milliseconds(2))
            } else {
                let server = Probe()
                let peer = try open(rig, server)
                // A legal beginning now and then, so that the noise is met at every depth.
                peer.send((seed % 2 == 0 ? frame(.text, [0x61], fin: false) : []) + noise)
                rig.run(for: .milliseconds(2))
            }
        }
        rig.run("gone") { rig.loop.connectionCount == 0 }
        rig.loop.patience = Patience()
        let probe = Probe()
        rig.serve = { connection, _ in
            connection.delegate = rig.echo()
            connection.accept()
        }
        let connection = rig.dial(probe)
        rig.run("open still") { connection.isOpen }
    }

    @Test("invalid text is refused before the rest of its frame has arrived")
    func earlyText() throws {
        for size in [1_000, 100_000] {
            let rig = try Rig()
            let server = Probe()
            let peer = try open(rig, server)
            var text = [UInt8](repeating: 0x61, count: size)
            text[size / 2] = 0xFF
            peer.send(Array(frame(.text, text).dropLast(10)))
            rig.run("refused") { !server.heard.isEmpty }
            #expect(server.heard == [.violated(1007)])
        }
    }

    @Test("pings from a peer that reads nothing do not fill memory")
    func pingFlood() throws {
        let rig = try Rig()
        let server = Probe()
        let peer = try open(rig, server)
        let pings = (0..<5000).flatMap { _ in frame(.ping, [UInt8](repeating: 7, count: 125)) }
        var most = 0
        var rest = 0
        var total = 0
        // Until well over what the kernel's buffers on both sides hold.
        rig.run("flooded", within: .seconds(60)) {
            let count = peer.send(Array(pings[rest...]))
            if count > 0 {
                rest = (rest + count) % pings.count
                total += count
            }
            most = max(most, rig.clients[0].backlogCount)
            return total > 24 << 20
        }
        #expect(most < 2 << 20)
        #expect(rig.clients[0].isOpen)
    }

    @Test("a delegate is not called while it sends to a connection that broke")
    func noCallsWithinCalls() throws {
        let rig = try Rig()
        let server = Probe()
        let peer = try open(rig, server)
        var isSending = false
        var wasCalledWithin = false
        server.onClosed = { _ in wasCalledWithin = wasCalledWithin || isSending }
        let payload = [UInt8](repeating: 1, count: 100)
        server.onMessage = { connection, message in
            isSending = true
            for _ in 0..<10 {
                connection.forward(message)
                connection.send(payload.span, as: .binary)
            }
            isSending = false
        }
        for _ in 0..<200 {
            peer.send(frame(.binary, payload))
            if server.messageCount == 100 { shutdown(peer.fd, Int32(SHUT_RDWR)) }
            rig.loop.runOnce(longest: .zero)
        }
        shutdown(peer.fd, Int32(SHUT_RDWR))
        rig.run("over") { server.isOver }
        #expect(!wasCalledWithin)
    }
}

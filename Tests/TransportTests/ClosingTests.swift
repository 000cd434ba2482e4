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

    @Test("a close frame is answered in kind, and TCP ended by the server")
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

    @Test("a peer that never answers our close frame is left after a while")
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

    @Test("offences are told by their close code")
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

    @Test("a thousand connections leave neither descriptors nor objects behind")
    func leaks() throws {
        let rig = try Rig()
        func descriptors() throws -> Int {
            let names: [String] = try FileManager.default.contentsOfDirectory(
                atPath: "/proc/self/fd")
            return names.count
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
        rig.run(for: .milliseconds(20))
        #expect(boxes.count == 2000)
        #expect(boxes.allSatisfy { $0.connection == nil })
        // Other tests run beside this one, and have descriptors of their own.
        #expect(try descriptors() < 500)
    }
}

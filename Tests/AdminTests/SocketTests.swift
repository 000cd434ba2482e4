import Admin
import Foundation
import Synchronization
import Testing

/// Does what each message says, and keeps what it receives.
private final class Puppet: Application {
    let log: Log

    final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        func append(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }

        /// In the end.
        func ends(with line: String) -> Bool { until { all.last == line } }
    }

    init(_ log: Log) { self.log = log }

    func respond(to request: Request, with reply: Reply) { reply.send(.text(request.target)) }

    func upgrade(_ request: Request, to socket: Socket) -> Response? {
        if request.path == "/refused" { return .json(#"{"no":"entry"}"#, status: 403) }
        if request.path == "/early" { socket.send(Array("early".utf8), isText: true) }
        log.append("upgrade \(request.target) \(request.header("x-goog-api-key"))")
        return nil
    }

    func opened(_ socket: Socket) { log.append("opened") }

    func received(_ message: [UInt8], isText: Bool, on socket: Socket) {
        let words = String(decoding: message.prefix(100), as: UTF8.self).split(separator: " ")
        switch words.first {
        case "close":
            socket.send(Array("last words".utf8), isText: true)
            socket.close(
                code: UInt16(words[1]) ?? 0, reason: words.dropFirst(2).joined(separator: " "))
        case "abort":
            socket.send(Array("last words".utf8), isText: true)
            socket.abort()
        case "long":
            socket.close(code: 1011, reason: String(repeating: "x", count: 122) + "\u{e9} and more")
        case "wake": socket.wake(afterMicroseconds: Int64(words[1]))
        case "pause":
            socket.setReading(false)
            socket.wake(afterMicroseconds: 300_000)
            log.append("paused")
        default: socket.send(message, isText: isText)
        }
    }

    func wokeUp(_ socket: Socket) {
        socket.setReading(true)
        socket.send(Array("awake".utf8), isText: true)
    }

    func closed(_ socket: Socket, code: UInt16, reason: String) {
        log.append("closed \(code) \(reason)")
    }
}

@Suite("WebSockets of libwebsockets", .serialized)
struct SocketTests {
    private let log = Puppet.Log()

    private func start() throws -> Server {
        try Server.start(host: "127.0.0.1", port: 0, application: Puppet(log))
    }

    private func connect(
        _ server: Server, _ target: String = "/", _ headers: [String] = []
    ) throws -> WebSocketClient {
        try WebSocketClient(RawClient(port: server.port), target: target, headers: headers)
    }

    @Test("passes on path, query and key of the upgrade")
    func upgrade() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(
            server, "//ws/a.B?key=a%20b%26c&x=1&flag", ["X-Goog-Api-Key: secret"])
        #expect(client.isOpen)
        #expect(log.ends(with: "opened"))
        #expect(log.all.first == "upgrade /ws/a.B?key=a%20b%26c&x=1&flag secret")
        #expect(!client.answer.lowercased().contains("sec-websocket-extensions"))
    }

    @Test("does not negotiate compression")
    func noCompression() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(
            server, "/", ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"])
        #expect(client.isOpen)
        #expect(!client.answer.lowercased().contains("extensions"))
    }

    @Test("refuses with a status and body every client can read")
    func refusal() throws {
        let server = try start()
        defer { server.stop() }
        let raw = try RawClient(port: server.port)
        let client = try WebSocketClient(raw, target: "/refused")
        #expect(client.answer.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        #expect(try raw.takeRest() == Array(#"{"no":"entry"}"#.utf8))
    }

    @Test(
        "echoes text and binary of any size", arguments: [0, 1, 125, 126, 65_535, 65_536, 3 << 20])
    func echo(size: Int) throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        let payload = (0..<size).map { UInt8(97 + $0 % 23) }
        for opcode: UInt8 in [1, 2] {
            try client.send(payload, opcode: opcode)
            var frame = try client.frame()
            #expect(frame.opcode == opcode)
            var bytes = frame.payload
            while !frame.isFinal {
                frame = try client.frame()
                bytes += frame.payload
            }
            #expect(bytes == payload)
        }
    }

    @Test("assembles fragments, with a ping in between")
    func fragments() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        try client.send(Array("one ".utf8), opcode: 2, isFinal: false)
        try client.send(Array("ping".utf8), opcode: 9)
        try client.send(Array("two ".utf8), opcode: 0, isFinal: false)
        try client.send([], opcode: 0, isFinal: false)
        try client.send(Array("three".utf8), opcode: 0)
        let pong = try client.frame()
        #expect(pong.opcode == 10 && pong.payload == Array("ping".utf8))
        let echo = try client.frame()
        #expect(echo.opcode == 2 && echo.payload == Array("one two three".utf8))
    }

    @Test("sends messages that were queued before it was open")
    func early() throws {
        let server = try start()
        defer { server.stop() }
        #expect(try connect(server, "/early").frame().payload == Array("early".utf8))
    }

    @Test(
        "closes with any code and reason, after what was sent before",
        arguments: [1000, 1001, 1007, 1008, 1011, 1012, 1013, 1014, 3000, 4999])
    func closing(code: Int) throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        try client.send("close \(code) because of this")
        #expect(try client.frame().payload == Array("last words".utf8))
        let close = try client.close()
        #expect(close.code == code)
        #expect(close.reason == "because of this")
        try client.send([UInt8(code >> 8), UInt8(code & 255)], opcode: 8)
        #expect(throws: ClientError.self) { try client.frame() }
        #expect(until { log.all.last?.hasPrefix("closed") == true })
    }

    @Test("a long reason is cut at a character")
    func longReason() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        // 122 bytes, then a character of two.
        try client.send("long")
        #expect(try client.close().reason == String(repeating: "x", count: 122))
    }

    @Test("takes long headers")
    func longHeaders() throws {
        let server = try start()
        defer { server.stop() }
        let key = String(repeating: "k", count: 20_000)
        let client = try connect(server, "/", ["X-Goog-Api-Key: \(key)"])
        #expect(client.isOpen)
        #expect(log.all.first?.hasSuffix(key) == true)
    }

    @Test("aborts without a close frame, after what was sent before")
    func aborting() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        try client.send("abort")
        #expect(try client.frame().payload == Array("last words".utf8))
        #expect(throws: ClientError.self) { try client.frame() }
        #expect(log.ends(with: "closed 1006 "))
    }

    @Test("reports the peer's close", arguments: [1000, 1001, 1011, 4000])
    func peerCloses(code: Int) throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        let reason = Array("bye".utf8)
        try client.send([UInt8(code >> 8), UInt8(code & 255)] + reason, opcode: 8)
        #expect(try client.close().code == code)
        #expect(log.ends(with: "closed \(code) bye"))
    }

    @Test("reports a close without a code, and an end without a close")
    func silentEnds() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        try client.send([], opcode: 8)
        _ = try client.close()
        #expect(log.ends(with: "closed 1005 "))
        _ = try connect(server)
        #expect(log.ends(with: "closed 1006 "))
    }

    @Test("wakes on request")
    func waking() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        for _ in 0..<3 {
            try client.send("wake 2000")
            #expect(try client.frame().payload == Array("awake".utf8))
        }
    }

    @Test("a paused socket reads nothing, not even pings, until it wakes")
    func pausing() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        try client.send("pause")
        #expect(log.ends(with: "paused"))
        try client.send(Array("p".utf8), opcode: 9)
        try client.send("after")
        #expect(try client.frame().payload == Array("awake".utf8))
        #expect(try client.frame().opcode == 10)
        #expect(try client.frame().payload == Array("after".utf8))
    }

    @Test("an unknown subprotocol does no harm")
    func subprotocol() throws {
        let server = try start()
        defer { server.stop() }
        for offered in ["realtime, other.v1", "second.one", "realtime"] {
            let client = try connect(server, "/", ["Sec-WebSocket-Protocol: \(offered)"])
            #expect(client.isOpen, "\(client.answer)")
        }
        let client = try connect(server)
        #expect(client.isOpen)
        #expect(!client.answer.lowercased().contains("sec-websocket-protocol"))
    }

    @Test("stopping closes the sockets and reports each")
    func stopping() throws {
        let server = try start()
        let clients = try (0..<50).map { _ in try connect(server) }
        server.stop()
        #expect(log.all.count { $0 == "closed 1006 " } == clients.count)
        #expect(server.ask { _ in 1 } == nil)
        #expect(!server.perform { _ in })
    }
}

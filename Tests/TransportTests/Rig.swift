import Basics
import CLinux
import Foundation
import Synchronization
import Testing
import WebSocket

@testable import Transport

/// What a delegate heard, in order.
enum Heard: Equatable {
    case opened(String?)
    case refused(UInt16, String)
    case failed(ConnectionFailure.Kind, String)
    case message(FrameOpcode, [UInt8], framed: Bool)
    case ponged
    case violated(UInt16)
    case stuck
    case closed(UInt16, String)
}

/// A delegate that remembers, and does what a test tells it to.
final class Probe: ConnectionDelegate {
    var heard: [Heard] = []
    var messageCount = 0
    var messageBytes = 0
    var batches = 0
    /// What waits in its connections, as it was told.
    var held = 0
    var remembersMessages = true
    var onMessage: ((Connection, borrowing IncomingMessage) -> Void)?
    var onOpen: ((Connection) -> Void)?
    var onClosed: ((Connection) -> Void)?
    var onViolation: ((Connection) -> Void)?
    var onStuck: ((Connection) -> Void)?

    func opened(_ connection: Connection, subprotocol: String?) {
        heard.append(.opened(subprotocol))
        onOpen?(connection)
    }
    func refused(_ connection: Connection, _ refusal: UpgradeRefusal) {
        heard.append(.refused(refusal.status, String(decoding: refusal.body, as: UTF8.self)))
    }
    func failed(_ connection: Connection, _ failure: ConnectionFailure) {
        heard.append(.failed(failure.kind, failure.description))
    }
    func received(_ connection: Connection, _ message: borrowing IncomingMessage) {
        messageCount += 1
        messageBytes += message.payload.count
        if remembersMessages {
            heard.append(
                .message(
                    message.opcode, message.payload.indices.map { message.payload[$0] },
                    framed: !message.frame.isEmpty))
        }
        onMessage?(connection, message)
    }
    func ponged(_ connection: Connection, roundTrip: Interval) {
        #expect(roundTrip.nanoseconds >= 0)
        heard.append(.ponged)
    }
    func violated(_ connection: Connection, _ violation: Violation) {
        heard.append(.violated(violation.closeCode))
        onViolation?(connection)
    }
    func stuck(_ connection: Connection, backlog: Int) {
        heard.append(.stuck)
        onStuck?(connection)
    }
    func closed(_ connection: Connection, code: UInt16, reason: String) {
        heard.append(.closed(code, reason))
        onClosed?(connection)
    }
    func batchEnded(_ connection: Connection) { batches += 1 }
    func holds(_ connection: Connection, more bytes: Int) { held += bytes }

    var last: Heard? { heard.last }
    var isOver: Bool {
        switch last {
        case .closed, .refused, .failed: true
        default: false
        }
    }
}

/// A loop with a listener, run by the test itself.
final class Rig: Acceptor {
    let loop: EventLoop
    private(set) var listener: Listener!
    var port: UInt16 { listener.address.port }
    /// The server's side of each accepted upgrade.
    var clients: [Connection] = []
    var dismissals: [ConnectionFailure] = []
    /// What each upgraded client gets for a delegate; echoes unless set.
    var serve: (Connection, UpgradeRequest) -> Void = { _, _ in }
    var plain: (Connection, RequestHead, HeadError) -> Void = { connection, head, error in
        connection.respond(status: error.status, body: Array(#"{"target":"\#(head.target)"}"#.utf8))
    }

    init(
        security: ListenerSecurity = .plaintext, host: String = "127.0.0.1",
        balancers: [Network] = []
    ) throws {
        loop = try EventLoop(mailbox: Mailbox())
        noTLS = try ClientTLS()
        let address = try #require(SocketAddress(host: host, port: 0))
        let socket = try #require(try ListeningSocket.bind(address, count: 1).first)
        listener = try Listener(
            socket, on: loop, security: security, balancers: balancers, acceptor: self)
        serve = { [unowned self] connection, request in
            connection.delegate = self.echo()
            connection.accept(subprotocol: request.subprotocols.first)
        }
    }

    deinit { listener?.stopAccepting() }

    func requested(_ connection: Connection, _ request: IncomingRequest) {
        switch request {
        case .upgrade(let upgrade):
            clients.append(connection)
            serve(connection, upgrade)
        case .plain(let head, let error): plain(connection, head, error)
        }
    }
    func malformed(_ connection: Connection, _ error: HeadError) {
        dismissals.append(ConnectionFailure(.malformed, error.reason, status: error.status))
        connection.respond(status: error.status, body: Array(error.reason.utf8))
    }
    func dismissed(_ connection: Connection, _ failure: ConnectionFailure) {
        dismissals.append(failure)
    }

    func echo() -> Probe {
        let probe = Probe()
        probe.remembersMessages = false
        probe.onMessage = { connection, message in
            connection.send(message.payload, as: message.opcode)
        }
        return probe
    }

    /// For dials that are not secure.
    private let noTLS: ClientTLS

    func dial(
        _ probe: Probe, port: UInt16? = nil, tls: ClientTLS? = nil, host: String = "127.0.0.1",
        target: String = "/", subprotocols: [String] = [], headers: [HeaderField] = [],
        timeout: Interval = .seconds(20), limits: ConnectionLimits = ConnectionLimits(),
        mustAcknowledge: Bool = false
    ) -> Connection {
        loop.dial(
            DialRequest(
                endpoint: Endpoint(isSecure: tls != nil, host: host, port: port ?? self.port),
                target: target, headers: headers, subprotocols: subprotocols,
                tls: tls ?? noTLS, timeout: timeout, limits: limits,
                mustAcknowledge: mustAcknowledge),
            delegate: probe)
    }

    /// Runs the loop until something is so; fails the test where it does not become so.
    func run(
        _ what: Comment = "in time", within limit: Interval = .seconds(30),
        until condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let end = tk_now() + limit.nanoseconds
        while !condition() {
            if tk_now() > end {
                Issue.record("not \(what)", sourceLocation: sourceLocation)
                return
            }
            loop.runOnce(longest: .milliseconds(5))
        }
    }

    /// Runs the loop for a while in which nothing is expected.
    func run(for time: Interval) {
        let end = tk_now() + time.nanoseconds
        repeat { loop.runOnce(longest: .milliseconds(5)) } while tk_now() < end
    }

    /// An open pair: our dialed connection and the server's end of it.
    func pair(
        _ client: Probe, _ server: Probe, tls: ClientTLS? = nil,
        limits: ConnectionLimits = ConnectionLimits(), mustAcknowledge: Bool = false
    ) -> (client: Connection, server: Connection) {
        let before = clients.count
        serve = { connection, _ in
            connection.delegate = server
            connection.limits = limits
            connection.accept()
        }
        let connection = dial(
            client, tls: tls, host: tls == nil ? "127.0.0.1" : "localhost",
            mustAcknowledge: mustAcknowledge)
        run("open") { connection.isOpen && self.clients.count > before }
        return (connection, clients[before])
    }
}

/// A peer that speaks raw bytes.
final class RawPeer {
    let fd: Int32
    var received: [UInt8] = []
    var isEnded = false

    init(port: UInt16) throws {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
        fd = tk_connect(address.raw)
        try #require(fd >= 0)
        var state = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
        try #require(poll(&state, 1, 5000) == 1)
    }

    init(fd: Int32) { self.fd = fd }

    deinit { tk_close(fd, 0) }

    /// Returns how many bytes the kernel took.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Int { tk_send(fd, bytes, bytes.count) }

    func send(_ text: String) { send(Array(text.utf8)) }

    func receive(limit: Int = 1 << 17) {
        var room = [UInt8](repeating: 0, count: limit)
        let count = tk_receive(fd, &room, limit, 0)
        if count > 0 { received += room.prefix(count) }
        if count == 0 || count < 0 && count != -Int(EAGAIN) { isEnded = true }
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    static let upgrade =
        "GET /ws/x?key=1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n"

    /// Upgrades by hand; what came behind the head stays in `received`.
    func upgrade(_ rig: Rig) {
        send(Self.upgrade)
        rig.run("upgraded") {
            self.receive()
            return self.text.contains("\r\n\r\n") || self.isEnded
        }
        guard let end = received.firstIndex(ofSequence: [13, 10, 13, 10]) else { return }
        received.removeFirst(end + 4)
    }
}

/// A port that nobody listens on, nor can: it is bound here.
final class DeafPort {
    private let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let port: UInt16

    init() throws {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) { [fd] in
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, size) == 0 && getsockname(fd, $0, &size) == 0
            }
        }
        port = UInt16(bigEndian: place.sin_port)
        try #require(isBound)
    }

    deinit { tk_close(fd, 0) }
}

extension [UInt8] {
    func firstIndex(ofSequence part: [UInt8]) -> Int? {
        guard count >= part.count else { return nil }
        return (0...(count - part.count)).first { self[$0..<($0 + part.count)].elementsEqual(part) }
    }
}

/// A frame in wire form; masked where `mask` is given.
func frame(
    _ opcode: FrameOpcode, _ payload: [UInt8], fin: Bool = true, mask: UInt32? = 0x0403_0201
) -> [UInt8] {
    var bytes: [UInt8] = []
    FrameHeader(fin: fin, opcode: opcode, mask: mask, payloadLength: payload.count)
        .encode(into: &bytes)
    return bytes
        + [UInt8](unsafeUninitializedCapacity: payload.count) { room, count in
            _ = payload.withUnsafeBytes {
                maskCopy($0, mask: mask ?? 0, into: UnsafeMutableRawBufferPointer(room))
            }
            count = payload.count
        }
}

func closePayload(_ code: UInt16, _ reason: String = "") -> [UInt8] {
    [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8)
}

/// A development CA of the test process, in a directory that ends with it.
func testCA() throws -> DevelopmentCA {
    try DevelopmentCA.prepare(in: testDirectory)
}

private let testDirectory: String = {
    atexit { try? FileManager.default.removeItem(atPath: testDirectory) }
    return NSTemporaryDirectory() + "turnkeeper-tests-\(UUID().uuidString)"
}()

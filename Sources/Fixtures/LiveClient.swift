public import Basics
import CLinux
import Synchronization
public import Transport
public import WebSocket
public import Wire

/// A Gemini Live client that sends what it is told, in any order, and remembers what it receives.
/// May be used from any thread; its socket lives on a `LoopThread`.
public final class LiveClient: Sendable {
    /// A message from gemini.
    public struct Message: Sendable {
        public var bytes: [UInt8]
        public var opcode: FrameOpcode
        /// The result of its scan; `nil` if it is not JSON.
        public var scan: ServerMessage?
    }

    public enum Ending: Equatable, Sendable {
        case closed(UInt16, String)
        /// The upgrade was answered with this status and body.
        case refused(UInt16, String)
        case failed(String)
    }

    struct State {
        var isOpen = false
        var subprotocol: String?
        var ending: Ending?
        var messages: [Message] = []
        var pongs = 0
    }

    /// The path that SDKs use.
    public static let path =
        "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"

    private static let numbers = Atomic(0)

    let number: Int
    private let thread: LoopThread
    private let state = Shelf(State())

    /// Dials at once.
    ///
    /// - Parameter authorities: PEM file of trusted CAs. If given, the scheme is `wss`, and the
    ///   host
    ///   `localhost`, which development certificates name.
    public init(
        on thread: LoopThread, to address: SocketAddress, authorities: String? = nil,
        target: String = LiveClient.path + "?key=rehearsal", headers: [HeaderField] = [],
        subprotocols: [String] = []
    ) throws(TLSError) {
        number = Self.numbers.add(1, ordering: .relaxed).newValue
        self.thread = thread
        let request = DialRequest(
            endpoint: Endpoint(
                isSecure: authorities != nil,
                host: authorities == nil ? address.host : "localhost", port: address.port),
            target: target, headers: headers, subprotocols: subprotocols,
            tls: try ClientTLS(authorities: authorities), timeout: .seconds(20),
            limits: ConnectionLimits(message: 64 << 20, buffer: 64 << 20))
        let (number, state) = (number, state)
        thread.post { guests, loop in
            let delegate = ClientDelegate(state)
            guests.delegates[number] = delegate
            delegate.connection = loop.dial(request, delegate: delegate)
        }
    }

    deinit {
        let number = number
        thread.post { guests, _ in guests.delegates.removeValue(forKey: number)?.leave() }
    }

    // MARK: Saying

    public func send(_ json: String, as opcode: FrameOpcode = .text) {
        send(Array(json.utf8), as: opcode)
    }

    public func send(_ bytes: [UInt8], as opcode: FrameOpcode = .text) {
        act { $0.send(bytes.span, as: opcode) }
    }

    public func ping() { act { $0.ping() } }

    public func close(_ code: UInt16 = 1000, _ reason: String = "") {
        act { $0.close(code, reason) }
    }

    /// Drops the connection without a close frame, like a phone in a tunnel.
    public func vanish() { act { $0.abandon() } }

    /// Stops reading.
    public func pause() { act { $0.pause() } }
    public func resume() { act { $0.resume() } }

    private func act(_ deed: @escaping @Sendable (Connection) -> Void) {
        let number = number
        thread.post { guests, _ in
            if let connection = guests.delegates[number]?.connection { deed(connection) }
        }
    }

    // MARK: Hearing

    public var isOpen: Bool { state.content.withLock { $0.isOpen && $0.ending == nil } }
    public var ending: Ending? { state.content.withLock { $0.ending } }
    public var subprotocol: String? { state.content.withLock { $0.subprotocol } }
    public var pongs: Int { state.content.withLock { $0.pongs } }
    public var messages: [Message] { state.content.withLock { $0.messages } }
    public var messageCount: Int { state.content.withLock { $0.messages.count } }

    /// The number of messages that `isMeant` accepts, from number `start` on.
    public func count(from start: Int = 0, where isMeant: (ServerMessage) -> Bool) -> Int {
        state.content.withLock { state in
            state.messages.dropFirst(start).count { $0.scan.map(isMeant) ?? false }
        }
    }

    @discardableResult
    public func waitUntilOpen(_ limit: Interval = .seconds(20)) -> Bool {
        Polling.wait(limit) { isOpen || ending != nil ? true : nil } != nil && isOpen
    }

    public func waitForEnding(_ limit: Interval = .seconds(20)) -> Ending? {
        Polling.wait(limit) { ending }
    }

    /// Waits for a message that `isMeant` accepts, from number `start` on. False if none comes or
    /// the connection ends first.
    @discardableResult
    public func wait(
        _ limit: Interval = .seconds(20), from start: Int = 0, for isMeant: (ServerMessage) -> Bool
    ) -> Bool {
        let isHeard = Polling.wait(limit) { () -> Bool? in
            let hasEnded = ending != nil
            if count(from: start, where: isMeant) > 0 { return true }
            return hasEnded ? false : nil
        }
        return isHeard ?? false
    }
}

/// A value shared between threads.
final class Shelf<Content: Sendable>: Sendable {
    let content: Mutex<Content>
    init(_ content: Content) { self.content = Mutex(content) }
}

/// A client's end of its socket. Loop's thread only.
final class ClientDelegate: ConnectionDelegate {
    var connection: Connection?
    private let state: Shelf<LiveClient.State>

    init(_ state: Shelf<LiveClient.State>) { self.state = state }

    /// The client was released.
    func leave() {
        connection?.abandon()
        connection = nil
    }

    func opened(_ connection: Connection, subprotocol: String?) {
        state.content.withLock { state in
            state.isOpen = true
            state.subprotocol = subprotocol
        }
    }

    func received(_ connection: Connection, _ message: borrowing IncomingMessage) {
        let payload = message.payload
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count)
        for index in payload.indices { bytes.append(payload[index]) }
        let scan = try? ServerMessage.scan(payload)
        let heard = LiveClient.Message(bytes: bytes, opcode: message.opcode, scan: scan)
        state.content.withLock { $0.messages.append(heard) }
    }

    func ponged(_ connection: Connection, roundTrip: Interval) {
        state.content.withLock { $0.pongs += 1 }
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        end(.closed(code, reason))
    }

    func refused(_ connection: Connection, _ refusal: UpgradeRefusal) {
        end(.refused(refusal.status, String(decoding: refusal.body, as: UTF8.self)))
    }

    func failed(_ connection: Connection, _ failure: ConnectionFailure) {
        end(.failed(failure.description))
    }

    private func end(_ ending: LiveClient.Ending) {
        connection = nil
        state.content.withLock { $0.ending = ending }
    }
}

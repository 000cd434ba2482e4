import Basics
import Transport
import WebSocket
import Wire

/// Refuses a client in the only way that every SDK can show: accepts its upgrade, waits for its
/// setup, and then closes as Gemini would. Gemini is not dialed. A client that lacks only a place,
/// which may be on its way from another node, waits briefly for it.
final class TurnedAway: ConnectionDelegate, TimerOwner, LobbyGuest {
    /// Longer setups are not read to their end, because they will not be examined.
    static let limits = ConnectionLimits(message: 64 << 10, buffer: 64 << 10)
    /// The default of `client.setup`, because no policy applies.
    private static let ofSetup = Interval.seconds(10)

    /// Between two checks whether a waiting client can go on.
    static let pause = Interval.milliseconds(100)

    private let client: Connection
    private let loop: EventLoop
    private let code: UInt16
    private let reason: String
    private var timer: Timer?
    /// Its setup, and messages read along with it.
    private var kept: [(bytes: [UInt8], opcode: Opcode)] = []
    /// Set while it waits after its setup.
    private var deadline: Instant?
    /// How long it may wait.
    var patience = Interval.zero
    /// Called with its setup, and again while that waits: whether it becomes a session.
    var goesOn: ([(bytes: [UInt8], opcode: Opcode)]) -> Bool = { _ in false }
    /// Another node may have a place; this process assigns none any more.
    var isDraining: () -> Bool = { false }
    /// Called once, unless it goes on.
    var onRefusal: () -> Void = {}
    /// Called once, after that.
    var onLeaving: () -> Void = {}

    init(_ client: Connection, on loop: EventLoop, code: UInt16, reason: String) {
        self.client = client
        self.loop = loop
        self.code = code
        self.reason = reason
        let timer = Timer(loop, owner: self)
        timer.arm(at: loop.now + Self.ofSetup)
        self.timer = timer
    }

    private func close() {
        countOnce()
        client.close(code, reason)
    }

    private func countOnce() {
        if timer != nil { onRefusal() }
        timer = nil
    }

    private func leave() {
        countOnce()
        onLeaving()
    }

    func shownOut() { close() }

    func received(_ connection: Connection, _ message: borrowing IncomingMessage) {
        guard timer != nil else { return }
        let opcode: Opcode = message.opcode == .text ? .text : .binary
        kept.append(([UInt8](copying: message.payload), opcode))
        guard deadline == nil else { return }
        deadline = loop.now + patience
        look()
        // Meanwhile nothing is read beyond what came with the setup.
        if timer != nil, patience > .zero { client.pause() }
    }

    private func look() {
        guard let deadline else { return close() }
        if goesOn(kept) {
            timer = nil
        } else if isDraining() {
            timer = nil
            client.resume()
            client.close(1001, "turnkeeper: going away, connect again")
        } else if loop.now >= deadline {
            client.resume()
            close()
        } else {
            timer?.arm(at: min(deadline, loop.now + Self.pause))
        }
    }

    func timerFired(_ timer: Timer) { look() }
    func failed(_ connection: Connection, _ failure: ConnectionFailure) { leave() }
    func closed(_ connection: Connection, code: UInt16, reason: String) { leave() }

    func violated(_ connection: Connection, _ violation: Violation) { close() }
}

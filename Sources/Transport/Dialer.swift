import Basics
import CLinux

/// Connects to the address of an endpoint that answers first (RFC 8305): address families
/// alternate, the next address is tried after 250 ms or as soon as one fails, the first connection
/// wins.
final class Dialer: TimerOwner {
    /// RFC 8305 section 5's recommended delay between attempts.
    private static let attemptDelay = Interval.milliseconds(250)
    /// If a name has more addresses, the first ones suffice.
    private static let mostAddresses = 16

    /// The current step, for the text of a time-out.
    private(set) var stage: String
    private let endpoint: Endpoint
    /// Strong, like the connection's reference to its dialer: a dial in progress keeps itself
    /// alive, and its end releases both.
    private let connection: Connection
    private let loop: EventLoop
    private var waiting: [SocketAddress] = []
    private var attempts: [Attempt] = []
    private var lastFailure = "no address"
    private var isOver = false
    /// The descriptor of the first attempt, counted before it exists, so that it is not given to a
    /// client admitted meanwhile.
    private var hasReservation: Bool
    private var timer: Timer?

    init(_ endpoint: Endpoint, for connection: Connection, on loop: EventLoop) {
        self.endpoint = endpoint
        self.connection = connection
        self.loop = loop
        stage = "looking \(endpoint.host) up"
        hasReservation = !Descriptors.areForAnswers
        if hasReservation { Descriptors.opened() }
    }

    deinit { endReservation() }

    private func endReservation() {
        if hasReservation { Descriptors.closed() }
        hasReservation = false
    }

    func start() {
        timer = Timer(loop, owner: self)
        if let address = SocketAddress(host: endpoint.host, port: endpoint.port) {
            waiting = [address]
            // At the next turn of the loop, so that the delegate is never called within its own
            // call.
            timer?.arm(at: loop.now)
            return
        }
        let ticket = loop.lookups.insert(self)
        let mailbox = loop.mailbox
        Resolver.shared.resolve(endpoint.host) { answer in
            mailbox.post { $0.lookups.remove(ticket)?.found(answer) }
        }
    }

    func cancel() {
        isOver = true
        endReservation()
        timer = nil
        for attempt in attempts { attempt.cancel() }
        attempts = []
    }

    func found(_ answer: Resolver.Answer) {
        if isOver { return }
        switch answer {
        case .success(let addresses):
            waiting = Self.interleaved(addresses).prefix(Self.mostAddresses).map {
                var address = $0
                address.port = endpoint.port
                return address
            }
            tryNext()
        case .failure(let failure):
            fail(ConnectionFailure(.lookup, "looking \(endpoint.host) up: \(failure.description)"))
        }
    }

    func timerFired(_ timer: Timer) { tryNext() }

    private func tryNext() {
        stage = "connecting"
        while !waiting.isEmpty {
            let address = waiting.removeFirst()
            let attempt = Attempt(address, self, loop)
            let isReserved = hasReservation
            endReservation()
            if let failure = attempt.start(isReserved) {
                note(address, failure)
                continue
            }
            attempts.append(attempt)
            if !waiting.isEmpty { timer?.arm(at: loop.now + Self.attemptDelay) }
            return
        }
        if attempts.isEmpty {
            fail(ConnectionFailure(.connect, "connecting to \(endpoint): \(lastFailure)"))
        }
    }

    private func note(_ address: SocketAddress, _ failure: Int32) {
        let words = SystemError.text(failure)
        // An endpoint that is an address is named once.
        lastFailure = "\(address)" == "\(endpoint)" ? words : "\(address): \(words)"
    }

    fileprivate func attemptEnded(_ attempt: Attempt, _ failure: Int32) {
        attempts.removeAll { $0 === attempt }
        if failure == 0 {
            let (fd, connection) = (attempt.release(), connection)
            cancel()
            connection.connected(fd, attempt.address)
        } else {
            note(attempt.address, failure)
            attempt.cancel()
            tryNext()
        }
    }

    private func fail(_ failure: ConnectionFailure) {
        cancel()
        connection.lose(failure)
    }

    /// Alternating families, the first address's family first; within each, the resolver's order
    /// (RFC 6724).
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        let preferred = addresses.filter { $0.isIPv6 == first.isIPv6 }
        let others = addresses.filter { $0.isIPv6 != first.isIPv6 }
        var result: [SocketAddress] = []
        for index in 0..<max(preferred.count, others.count) {
            if index < preferred.count { result.append(preferred[index]) }
            if index < others.count { result.append(others[index]) }
        }
        return result
    }
}

/// One connect in flight.
private final class Attempt: Pollable {
    let address: SocketAddress
    private unowned let dialer: Dialer
    private let loop: EventLoop
    private var registration = Registration()

    init(_ address: SocketAddress, _ dialer: Dialer, _ loop: EventLoop) {
        self.address = address
        self.dialer = dialer
        self.loop = loop
    }

    /// nil, or the reason why there is nothing to wait for.
    func start(_ isReserved: Bool) -> Int32? {
        let fd = tk_connect(address.raw)
        guard fd >= 0 else { return -fd }
        Descriptors.opened()
        guard isReserved || !Descriptors.areForAnswers else {
            loop.close(fd)
            return EMFILE
        }
        guard registration.start(self, fd: fd, events: tk_out, on: loop) else {
            cancel()
            return tk_errno()
        }
        return nil
    }

    func ready(_ events: UInt32) {
        guard registration.isActive else { return }
        let failure = tk_socket_error(registration.fd)
        // An error event without an error to read is still a failure.
        dialer.attemptEnded(self, failure == 0 && events & tk_out == 0 ? ECONNREFUSED : failure)
    }

    func release() -> Int32 { registration.stop(on: loop) }

    func cancel() { loop.close(registration.stop(on: loop)) }
}

/// Dials whose names are being looked up: answers find them by ticket, if they still wait.
struct Lookups {
    private var waiting: [UInt64: Dialer] = [:]
    private var next: UInt64 = 0

    mutating func insert(_ dialer: Dialer) -> UInt64 {
        next &+= 1
        waiting[next] = dialer
        return next
    }

    mutating func remove(_ ticket: UInt64) -> Dialer? { waiting.removeValue(forKey: ticket) }
}

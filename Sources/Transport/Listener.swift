import Basics
import CLinux

/// A bound socket that listens, or is about to; one of several that share an address. Created where
/// errors can be reported, then given to a worker's `Listener`, which owns it from then on.
public struct ListeningSocket: Sendable {
    public let fd: Int32
    /// With the actual port if 0 was requested.
    public let address: SocketAddress

    /// The same socket, with the same waiting clients, for another process or thread.
    public func duplicate() -> ListeningSocket? {
        let copy = tk_duplicate(fd)
        return copy < 0 ? nil : ListeningSocket(fd: copy, address: address)
    }

    public func close() { tk_close(fd, 0) }

    private init(fd: Int32, address: SocketAddress) {
        self.fd = fd
        self.address = address
    }

    /// A socket created by another process.
    init?(inherited fd: Int32) {
        tk_adopt(fd)
        var local = tk_address()
        // SAFETY: writes into a local variable.
        guard unsafe tk_local_address(fd, &local) == 0 else { return nil }
        self.init(fd: fd, address: SocketAddress(local))
    }

    /// Sockets from systemd (`sd_listen_fds(3)`); empty if there are none for this process.
    public static func activated() -> [ListeningSocket] {
        passed.compactMap { ListeningSocket(inherited: $0) }
    }

    /// Why one of those cannot be served, in a line; nil if all can.
    public static func obstacleToActivation() -> String? {
        passed.first { tk_is_listening($0) == 0 }.map {
            "descriptor \($0) of LISTEN_FDS is no listening TCP socket: the .socket unit needs "
                + "ListenStream= with a port, and Accept=no"
        }
    }

    private static var passed: Range<Int32> {
        func number(_ name: String) -> Int32? {
            // SAFETY: the environment is not changed here; the text is copied at once.
            unsafe getenv(name).flatMap { unsafe Int32(String(cString: $0)) }
        }
        guard number("LISTEN_PID") == getpid(), let count = number("LISTEN_FDS"),
            (1...256).contains(count)
        else { return 3..<3 }
        return 3..<3 + count
    }

    /// One set per worker, with every socket in at least one set: a worker without its own socket
    /// shares another's.
    public static func share(_ sockets: [ListeningSocket], among count: Int) -> [[ListeningSocket]]
    {
        var shares = [[ListeningSocket]](repeating: [], count: count)
        for (index, socket) in sockets.enumerated() { shares[index % count].append(socket) }
        for index in sockets.count..<max(sockets.count, count) {
            if let copy = sockets[index % sockets.count].duplicate() { shares[index].append(copy) }
        }
        return shares
    }

    /// `count` sockets at one address, for as many workers; the kernel distributes clients among
    /// them. With `alone`, a single one: while it exists, no other process can listen there.
    /// - Parameter listens: Else clients are refused until `listen` is called.
    public static func bind(
        _ address: SocketAddress, count: Int, alone: Bool = false, listens: Bool = true
    ) throws(SystemError) -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        var address = address
        for _ in 0..<count {
            let fd = tk_bind(address.raw, alone ? 0 : 1)
            guard fd >= 0 else {
                for socket in sockets { socket.close() }
                throw SystemError("listening on \(address)", -fd)
            }
            var local = tk_address()
            // SAFETY: writes into a local variable.
            if unsafe tk_local_address(fd, &local) == 0 { address = SocketAddress(local) }
            sockets.append(ListeningSocket(fd: fd, address: address))
        }
        guard listens else { return sockets }
        do throws(SystemError) {
            for socket in sockets { try socket.listen() }
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
        return sockets
    }

    /// From now on clients are accepted, and wait until a `Listener` has the socket. Does nothing
    /// to one that already listens, for example one that another process created.
    public func listen() throws(SystemError) {
        guard tk_is_listening(fd) == 0 else { return }
        // 4096: the kernel's default maximum (net.core.somaxconn).
        let failure = tk_start_listening(fd, 4096)
        guard failure == 0 else { throw SystemError("listening on \(address)", -failure) }
    }
}

/// Accepts clients on one loop.
public final class Listener: Pollable, TimerOwner {
    public let address: SocketAddress
    /// Applies to future clients.
    public var security: ListenerSecurity

    private let loop: EventLoop
    private let balancers: [Network]
    private let acceptor: any Acceptor
    private var registration = Registration()
    private var pause: Timer?

    /// Accepted per wake-up, so that a rush does not starve existing sessions.
    static let mostAtOnce = 64
    private static let mostWhenShort = 8
    /// Descriptors or memory are short: try again a little later, when a connection has ended.
    private static let pauseLength = Interval.milliseconds(20)

    /// - Parameter balancers: Peers whose PROXY header names the client.
    public init(
        _ socket: ListeningSocket, on loop: EventLoop, security: ListenerSecurity,
        balancers: [Network] = [], acceptor: any Acceptor
    ) throws(SystemError) {
        address = socket.address
        self.security = security
        self.balancers = balancers
        self.loop = loop
        self.acceptor = acceptor
        guard registration.start(self, fd: socket.fd, events: tk_in, on: loop) else {
            throw SystemError("epoll_ctl", tk_errno())
        }
    }

    /// Closes the socket; clients already accepted stay.
    public func stopAccepting() {
        pause = nil
        // Not counted among the sockets of peers, so the loop must not subtract it.
        tk_close(registration.stop(on: loop), 0)
    }

    func ready(_ events: UInt32) {
        for index in 0..<(Descriptors.areShort ? Self.mostWhenShort : Self.mostAtOnce) {
            guard registration.isActive else { return }
            if Descriptors.areUsedUp {
                // Callers wait in the kernel's queue until this wake-up ends, or a little longer.
                if index > 0 || loop.giveWay(2) > 0 { return }
                return pauseAccepting(acceptor.giveWay(2) > 0 ? .milliseconds(1) : nil)
            }
            var peer = tk_address()
            // SAFETY: writes into a local variable.
            let fd = unsafe tk_accept(registration.fd, &peer)
            if fd >= 0 {
                Descriptors.opened()
                let peer = SocketAddress(peer)
                // The loop keeps it.
                _ = Connection(
                    accepted: fd, from: peer, by: acceptor, security,
                    mayBeIntroduced: balancers.contains { $0.contains(peer) }, on: loop)
                // Two for one: a session needs another for gemini.
                if Descriptors.areShort { _ = loop.giveWay(2) }
                continue
            }
            switch -fd {
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return pauseAccepting()
            case EAGAIN: return
            default: continue  // The client left before it was accepted; try the next.
            }
        }
    }

    func pauseAccepting(_ length: Interval? = nil) {
        registration.wait(for: 0, on: loop)
        let timer = pause ?? Timer(loop, owner: self)
        pause = timer
        timer.arm(at: loop.now + (length ?? Self.pauseLength))
    }

    /// Called by the loop.
    public func timerFired(_ timer: Timer) { registration.wait(for: tk_in, on: loop) }
}

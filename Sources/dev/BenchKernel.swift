import CLinux

/// An error while measuring, as one sentence for the terminal.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The kernel calls of the benchmark's programs, on loopback and non-blocking. Everything `unsafe`
/// about sockets is here, so that the generator is plain Swift.
enum Kernel {
    static let again = -1
    static let ended = 0

    static var now: Int64 { tk_now() }

    /// An error with what was being done and the system's message.
    static func error(_ doing: String, _ code: Int32 = tk_errno()) -> BenchError {
        var text = [CChar](repeating: 0, count: 128)
        // SAFETY: the buffer has the requested room; the result is copied at once.
        return BenchError("\(doing): \(unsafe String(cString: tk_error_text(code, &text)))")
    }

    private static func loopback(_ port: UInt16) -> tk_address {
        tk_address(high: 0, low: 0x7f00_0001, scope: 0, port: port, is_ipv6: 0)
    }

    /// A listening socket; port 0 takes any free one. Gives the socket and its real port.
    static func listen(port: UInt16 = 0) throws -> (socket: Int32, port: UInt16) {
        let socket = tk_listen(loopback(port), 4096, 1)
        guard socket >= 0 else { throw error("listening on port \(port)", -socket) }
        var address = loopback(port)
        // SAFETY: the call fills one local.
        _ = unsafe tk_local_address(socket, &address)
        return (socket, address.port)
    }

    /// The next waiting connection, or nil when there is none.
    static func accept(_ listener: Int32) -> Int32? {
        var peer = loopback(0)
        // SAFETY: the call fills one local.
        let socket = unsafe tk_accept(listener, &peer)
        return socket >= 0 ? socket : nil
    }

    /// Connects to a loopback port and waits for it, which takes microseconds unless its queue is
    /// full; nil if it is refused or a second has passed.
    static func connect(port: UInt16) -> Int32? {
        let socket = tk_connect(loopback(port))
        guard socket >= 0 else { return nil }
        var wanted = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        // SAFETY: the kernel reads and writes one local during the call.
        guard unsafe poll(&wanted, 1, 1000) == 1, tk_socket_error(socket) == 0 else {
            close(socket)
            return nil
        }
        return socket
    }

    /// Receives into `buffer` from `start` on: the count, or `again`, or `ended`.
    static func receive(_ fd: Int32, into buffer: inout [UInt8], at start: Int) -> Int {
        // SAFETY: the array keeps its storage for the closure, and the slice checks the bounds.
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            return unsafe tk_receive(fd, rest.baseAddress, rest.count, 0)
        }
        return count > 0 ? count : count == Int(-EAGAIN) ? again : ended
    }

    /// Sends `buffer` from `start` to `end`: the count, or `again`, or `ended`.
    static func send(_ fd: Int32, _ buffer: [UInt8], from start: Int, to end: Int) -> Int {
        // SAFETY: the array keeps its storage for the closure, and the slice checks the bounds.
        let count = unsafe buffer.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            return unsafe tk_send(fd, rest.baseAddress, rest.count)
        }
        return count >= 0 ? count : count == Int(-EAGAIN) ? again : ended
    }

    static func close(_ fd: Int32) { tk_close(fd, 0) }

    static func sleep(seconds: Double) {
        _ = usleep(UInt32(max(0, seconds) * 1e6))
    }

    /// Raises descriptors to the hard limit, and ignores the signal for a peer that has gone.
    static func prepare() {
        tk_raise_descriptors()
        tk_ignore_sigpipe()
    }
}

/// One epoll set. A registration is identified by a number, which is returned with its readiness.
///
/// The object owns the kernel's set and the array it fills; both end with it.
@safe final class Poller {
    struct Readiness {
        let name: Int
        let readable, writable: Bool
    }
    private let set = epoll_create1(0)
    private let events: UnsafeMutableRawPointer
    private let capacity = 512

    init() {
        // SAFETY: owned by this object until deinit; the kernel writes it before it is read.
        unsafe events = .allocate(byteCount: 512 * Int(tk_event_size), alignment: 8)
    }

    deinit {
        Kernel.close(set)
        unsafe events.deallocate()
    }

    func add(_ fd: Int32, name: Int) { _ = tk_epoll_add(set, fd, tk_in, UInt64(name)) }

    func watch(_ fd: Int32, name: Int, writing: Bool) {
        _ = tk_epoll_modify(set, fd, writing ? tk_in | tk_out : tk_in, UInt64(name))
    }

    func remove(_ fd: Int32) { _ = tk_epoll_remove(set, fd) }

    /// Waits until something is ready, at most so many nanoseconds; how many are ready.
    func wait(nanoseconds: Int64) -> Int {
        // SAFETY: the array has this capacity and outlives the call.
        max(0, Int(unsafe tk_epoll_wait(set, events, Int32(capacity), max(0, nanoseconds))))
    }

    /// The `index`th readiness of the last wait.
    subscript(index: Int) -> Readiness {
        precondition(index < capacity)
        // SAFETY: below the capacity checked above, and written by the last wait.
        let flags = unsafe tk_event_flags(events, Int32(index))
        return Readiness(
            name: unsafe Int(tk_event_tag(events, Int32(index))),
            readable: flags & (tk_in | tk_hangup | tk_error) != 0, writable: flags & tk_out != 0)
    }
}

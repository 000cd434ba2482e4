import CLinux

/// What went wrong while measuring, as one sentence for the person at the terminal.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The kernel calls of the benchmark's own programs, on loopback and without blocking. Everything
/// `unsafe` about sockets is here, so that the generator above reads as plain Swift.
enum Kernel {
    static let again = -1
    static let ended = 0

    static var now: Int64 { tk_now() }

    static func error(_ doing: String) -> BenchError {
        // SAFETY: strerror returns a string with the life of the program or of this thread's next
        // call; it is copied at once, and these programs have one thread.
        BenchError("\(doing): \(unsafe String(cString: strerror(tk_errno())))")
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    /// Calls a socket function with an IPv4 address.
    private static func with(
        _ address: inout sockaddr_in,
        _ call: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Int32
    ) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: the address is this frame's own for the whole call, and sockaddr_in is what the
        // kernel expects behind a sockaddr of this family and length.
        return unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
                unsafe call(rebound, &length)
            }
        }
    }

    private static func set(_ level: Int32, _ option: Int32, on socket: Int32) {
        var one: Int32 = 1
        // SAFETY: the kernel reads four bytes of a local during the call.
        _ = unsafe setsockopt(socket, level, option, &one, 4)
    }

    /// A listening socket; port 0 takes any free one. Gives the socket and its real port.
    static func listen(port: UInt16 = 0) throws -> (socket: Int32, port: UInt16) {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        set(SOL_SOCKET, SO_REUSEADDR, on: fd)
        var address = loopback(port)
        // SAFETY: `with` hands these calls an address that lives until they return.
        let bound = unsafe with(&address) {
            unsafe bind(fd, $0, $1)
        }
        guard fd >= 0, bound == 0, CLinux.listen(fd, 4096) == 0 else {
            throw error("listening on port \(port)")
        }
        _ = unsafe with(&address) { unsafe getsockname(fd, $0, &$1) }
        return (fd, UInt16(bigEndian: address.sin_port))
    }

    /// The next waiting connection, or nil when there is none.
    static func accept(_ listener: Int32) -> Int32? {
        // SAFETY: writes into a local, during the call.
        var peer = tk_address()
        let fd = unsafe tk_accept(listener, &peer)
        guard fd >= 0 else { return nil }
        set(Int32(IPPROTO_TCP), TCP_NODELAY, on: fd)
        return fd
    }

    /// Connects to a loopback port and waits for it, which on loopback takes microseconds.
    static func connect(port: UInt16) -> Int32? {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard fd >= 0 else { return nil }
        var address = loopback(port)
        // SAFETY: `with` hands this call an address that lives until it returns.
        guard
            unsafe with(
                &address, { unsafe CLinux.connect(fd, $0, $1) })
                == 0
        else {
            close(fd)
            return nil
        }
        set(Int32(IPPROTO_TCP), TCP_NODELAY, on: fd)
        // F_SETFL through fcntl is variadic; a zero-length accept4 flag is not to be had here, so
        // every receive and send asks not to wait by itself.
        return fd
    }

    /// Receives into `buffer` from `start` on: the count, or `again`, or `ended`.
    static func receive(_ fd: Int32, into buffer: inout [UInt8], at start: Int) -> Int {
        // SAFETY: the array keeps its storage for the closure, and the slice checks the bounds.
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            return unsafe recv(fd, rest.baseAddress, rest.count, Int32(MSG_DONTWAIT))
        }
        return count > 0 ? count : count < 0 && tk_errno() == EAGAIN ? again : ended
    }

    /// Sends `buffer` from `start` on: the count, or `again`, or `ended`.
    static func send(_ fd: Int32, _ buffer: [UInt8], from start: Int, to end: Int) -> Int {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        // SAFETY: the array keeps its storage for the closure, and the slice checks the bounds.
        let count = unsafe buffer.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            return unsafe CLinux.send(fd, rest.baseAddress, rest.count, flags)
        }
        return count >= 0 ? count : tk_errno() == EAGAIN ? again : ended
    }

    static func close(_ fd: Int32) { _ = CLinux.close(fd) }

    static func sleep(seconds: Double) {
        _ = usleep(UInt32(max(0, seconds) * 1e6))
    }

    /// Descriptors up to the hard limit, and no signal for a peer that has gone.
    static func prepare() {
        var limit = rlimit()
        // SAFETY: the kernel fills and reads a local during the calls.
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        tk_ignore_sigpipe()
    }
}

/// One epoll set. A registration is named by a number, which comes back with its readiness.
///
/// The object owns the kernel's set and the array it fills; both end with it.
@safe final class Poller {
    struct Readiness {
        let name: Int
        let readable, writable: Bool
    }
    private let set = epoll_create1(0)
    private let events: UnsafeMutablePointer<epoll_event>
    private let capacity = 512

    init() {
        // SAFETY: owned by this object until deinit; the kernel writes it before it is read.
        unsafe events = .allocate(capacity: 512)
    }

    deinit {
        Kernel.close(set)
        unsafe events.deallocate()
    }

    func add(_ fd: Int32, name: Int) { control(EPOLL_CTL_ADD, fd, name, writing: false) }
    func watch(_ fd: Int32, name: Int, writing: Bool, reading: Bool = true) {
        control(EPOLL_CTL_MOD, fd, name, writing: writing, reading: reading)
    }
    func remove(_ fd: Int32) { control(EPOLL_CTL_DEL, fd, 0, writing: false) }

    private func control(
        _ operation: Int32, _ fd: Int32, _ name: Int, writing: Bool, reading: Bool = true
    ) {
        // SAFETY: the kernel copies the local during the call; the union holds only our number.
        var event = unsafe epoll_event()
        unsafe event.events = (reading ? EPOLLIN.rawValue : 0) | (writing ? EPOLLOUT.rawValue : 0)
        unsafe event.data.u64 = UInt64(name)
        _ = unsafe epoll_ctl(set, operation, fd, &event)
    }

    /// Waits until something is ready, at most so many nanoseconds; how many are ready.
    func wait(nanoseconds: Int64) -> Int {
        let wait = max(0, nanoseconds)
        var time = timespec(tv_sec: Int(wait / 1_000_000_000), tv_nsec: Int(wait % 1_000_000_000))
        // SAFETY: the array has this capacity and outlives the call; no signal mask is given.
        let ready = unsafe epoll_pwait2(set, events, Int32(capacity), &time, nil)
        guard ready < 0, tk_errno() == ENOSYS else { return Int(max(0, ready)) }
        // Valgrind knows only the older call, in whole milliseconds.
        let milliseconds = Int32(clamping: (wait + 999_999) / 1_000_000)
        return Int(max(0, unsafe epoll_wait(set, events, Int32(capacity), milliseconds)))
    }

    /// The `index`th readiness of the last wait.
    subscript(index: Int) -> Readiness {
        precondition(index < capacity)
        // SAFETY: below the capacity checked above, and written by the last wait.
        let event = unsafe events[index]
        let bits = unsafe event.events
        return Readiness(
            name: unsafe Int(event.data.u64),
            readable: bits & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0,
            writable: bits & EPOLLOUT.rawValue != 0)
    }
}

import CLinux

/// A socket in a directory, over which one process hands its listening sockets to the next.
public struct DescriptorChannel: Sendable {
    private let fd: Int32

    /// Waits for the next process; nil once the socket is closed.
    public final class Offer: Sendable {
        private let fd: Int32

        public init?(in directory: String, named name: String) {
            // SAFETY: the path is read during the call.
            let made = Self.path(directory, name) { unsafe tk_unix_listen($0) }
            guard made >= 0 else { return nil }
            fd = made
        }

        deinit { tk_close(fd, 0) }

        public func next() -> DescriptorChannel? {
            let accepted = tk_unix_accept(fd)
            return accepted < 0 ? nil : DescriptorChannel(fd: accepted)
        }

        /// Wakes the waiting thread; no process can connect any more.
        public func end() { shutdown(fd, Int32(SHUT_RDWR)) }

        /// Through the directory's descriptor: its own path may be too long for a socket.
        fileprivate static func path(
            _ directory: String, _ name: String, _ use: (String) -> Int32
        ) -> Int32 {
            // SAFETY: the path is read during the call.
            let parent = unsafe tk_open_directory(directory)
            guard parent >= 0 else { return parent }
            defer { tk_close(parent, 0) }
            return use("/proc/self/fd/\(parent)/\(name)")
        }
    }

    private init(fd: Int32) { self.fd = fd }

    /// Connects to the process that offers; nil if none does.
    public init?(to directory: String, named name: String) {
        // SAFETY: the path is read during the call.
        let made = Offer.path(directory, name) { unsafe tk_unix_connect($0) }
        guard made >= 0 else { return nil }
        fd = made
    }

    public func send(_ sockets: [ListeningSocket]) -> Bool {
        let descriptors = sockets.map(\.fd)
        // SAFETY: the array outlives the call.
        return unsafe tk_send_descriptors(fd, descriptors, Int32(descriptors.count)) == 0
    }

    public func receive() -> [ListeningSocket] {
        var descriptors = [Int32](repeating: -1, count: 250)
        // SAFETY: writes into the array, within its length.
        let count = unsafe tk_receive_descriptors(fd, &descriptors, 250)
        return descriptors.prefix(Int(max(0, count))).compactMap {
            ListeningSocket(inherited: $0)
        }
    }

    /// Whether something can be received, now or within this time.
    public func isReadable(within milliseconds: Int32) -> Bool { tk_await(fd, milliseconds) != 0 }

    /// Sends one byte, which means nothing but that it was sent.
    public func say() { unsafe _ = tk_send(fd, [1], 1) }

    /// False if the other end is gone, or sends nothing within this time.
    public func hear(within milliseconds: Int32) -> Bool {
        guard tk_await(fd, milliseconds) != 0 else { return false }
        var byte: UInt8 = 0
        // SAFETY: one byte into a local variable.
        return unsafe tk_receive(fd, &byte, 1, 0) == 1
    }

    public enum Word: Sendable { case said, hungUp }

    /// What comes from the process at the other end within this time: a byte, or its end.
    public func listen(within milliseconds: Int32) -> Word? {
        guard tk_await(fd, milliseconds) != 0 else { return nil }
        var byte: UInt8 = 0
        // SAFETY: one byte into a local variable.
        let received = unsafe tk_receive(fd, &byte, 1, Int32(MSG_DONTWAIT))
        return received == 0 || received == -Int(ECONNRESET) ? .hungUp : .said
    }

    /// The number of the process that has connected.
    public var peer: Int32 { tk_unix_peer(fd) }

    public func close() { tk_close(fd, 0) }
}

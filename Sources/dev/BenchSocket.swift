/// One connection of the benchmark's own programs: a socket, what came in and is not yet a whole
/// frame, and what the kernel would not take yet. Ends with `close`.
final class BenchSocket {
    let fd: Int32
    /// Its number in the epoll set.
    let name: Int
    private let tls: BenchTLS.Stream?
    /// Appended to by the owner, emptied by `flush`.
    var output: [UInt8] = []
    private var sent = 0
    private var rest: [UInt8] = []
    private var writing = false
    private(set) var isOpen = true

    init(_ fd: Int32, name: Int, tls: BenchTLS.Stream? = nil) {
        self.fd = fd
        self.name = name
        self.tls = tls
    }

    func close(_ poller: Poller) {
        guard isOpen else { return }
        isOpen = false
        poller.remove(fd)
        Kernel.close(fd)
    }

    /// Receives what there is and hands it to `consume`, which says how much of it was whole; the
    /// remainder comes again, with more. Whether the connection goes on.
    func read(
        _ buffer: inout [UInt8], _ consume: (_ bytes: [UInt8], _ end: Int) -> Int
    ) -> Bool {
        while isOpen {
            let kept = rest.count
            if kept + 65536 > buffer.count {
                buffer.append(contentsOf: [UInt8](repeating: 0, count: buffer.count))
            }
            if kept > 0 { buffer.replaceSubrange(0..<kept, with: rest) }
            let room = buffer.count - kept
            let count =
                tls?.receive(into: &buffer, at: kept)
                ?? Kernel.receive(fd, into: &buffer, at: kept)
            if count == Kernel.again { return true }
            if count <= 0 { return false }
            let end = kept + count
            let used = consume(buffer, end)
            if used < end || kept > 0 { rest = Array(buffer[used..<end]) }
            // A socket gives all it has unless the buffer was full; TLS gives a record at a time.
            if tls == nil, count < room { return isOpen }
        }
        return false
    }

    /// Sends what is waiting. Whether the connection goes on.
    func flush(_ poller: Poller) -> Bool {
        while isOpen, sent < output.count {
            let count =
                tls?.send(output, from: sent, to: output.count)
                ?? Kernel.send(fd, output, from: sent, to: output.count)
            if count == Kernel.again {
                if !writing { poller.watch(fd, name: name, writing: true) }
                writing = true
                return true
            }
            if count <= 0 { return false }
            sent += count
        }
        sent = 0
        if output.capacity > 1 << 18 {
            output = []
        } else {
            output.removeAll(keepingCapacity: true)
        }
        if writing, isOpen { poller.watch(fd, name: name, writing: false) }
        writing = false
        return isOpen
    }

    var waiting: Int { output.count - sent }
}

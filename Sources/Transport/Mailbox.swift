import CLinux
import Synchronization

/// How other threads reach a loop: work posted here runs there, in order, at the loop's next
/// wake-up.
public final class Mailbox: Sendable {
    private let work = Mutex<[@Sendable (EventLoop) -> Void]>([])
    let fd: Int32
    public let reads = ReadBudget()

    public init() throws(SystemError) {
        fd = tk_eventfd(0)
        guard fd >= 0 else { throw SystemError("eventfd", -fd) }
    }

    deinit { tk_close(fd, 0) }

    /// May be called from any thread.
    public func post(_ item: @escaping @Sendable (EventLoop) -> Void) {
        let wasEmpty = work.withLock { work in
            work.append(item)
            return work.count == 1
        }
        if wasEmpty { tk_eventfd_add(fd) }
    }

    /// Resets the counter first: later posts raise it again.
    func removeAll() -> [@Sendable (EventLoop) -> Void] {
        tk_eventfd_take(fd)
        return work.withLock { work in
            defer { work = [] }
            return work
        }
    }
}

/// The loop's end of its mailbox.
final class MailReader: Pollable {
    private var registration = Registration()
    private let mailbox: Mailbox
    private unowned let loop: EventLoop

    init(_ mailbox: Mailbox, _ loop: EventLoop) {
        self.mailbox = mailbox
        self.loop = loop
    }

    func start() -> Bool { registration.start(self, fd: mailbox.fd, events: tk_in, on: loop) }

    func ready(_ events: UInt32) {
        for item in mailbox.removeAll() { item(loop) }
    }
}

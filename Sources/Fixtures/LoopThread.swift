public import Basics
import CLinux
import Synchronization
public import Transport

/// An event loop on its own thread, for the peers of a rehearsal. Ends with its last reference.
public final class LoopThread: Sendable {
    let mailbox: Mailbox

    /// Throws `SystemError`.
    public init(_ name: String) throws(SystemError) {
        let mailbox = try Mailbox()
        self.mailbox = mailbox
        try startThread(name) {
            // Without a loop there are no answers, which the waiting caller then reports.
            guard let loop = try? EventLoop(mailbox: mailbox) else { return }
            loop.owner = Guests()
            loop.run()
        }
    }

    deinit { mailbox.post { $0.stop() } }

    /// What lives on the loop, accessible by number from other threads.
    func post(_ work: @escaping @Sendable (Guests, EventLoop) -> Void) {
        mailbox.post { loop in
            if let guests = loop.owner as? Guests { work(guests, loop) }
        }
    }
}

/// Everything that lives on one `LoopThread`.
final class Guests {
    var delegates: [Int: ClientDelegate] = [:]
}

/// Waits by polling: rehearsals are short, and not measured.
public enum Polling {
    private static let step = Interval.milliseconds(3)

    /// The result of `attempt`, or `nil` if there was none within `limit`.
    public static func wait<Found>(_ limit: Interval, for attempt: () -> Found?) -> Found? {
        let end = tk_now() + limit.nanoseconds
        while true {
            if let found = attempt() { return found }
            guard tk_now() < end else { return nil }
            sleep(step)
        }
    }

    public static func sleep(_ time: Interval) {
        guard time > .zero else { return }
        var rest = timespec(
            tv_sec: Int(time.nanoseconds / 1_000_000_000),
            tv_nsec: Int(time.nanoseconds % 1_000_000_000))
        var left = timespec()
        // SAFETY: the kernel reads the time and writes the remaining time, both during the call.
        while unsafe nanosleep(&rest, &left) != 0, tk_errno() == EINTR { rest = left }
    }
}

public import Basics
import CLinux
import Synchronization
public import Transport

/// An event loop on a thread of its own, for the peers of a rehearsal. Ends with its last
/// reference.
public final class LoopThread: Sendable {
    let mailbox: Mailbox

    /// Throws `SystemError`.
    public init(_ name: String) throws(SystemError) {
        let mailbox = try Mailbox()
        self.mailbox = mailbox
        try startThread(name) {
            // Without a loop nothing is ever answered, which whoever waits then reports.
            guard let loop = try? EventLoop(mailbox: mailbox) else { return }
            loop.owner = Guests()
            loop.run()
        }
    }

    deinit { mailbox.post { $0.stop() } }

    /// What lives on the loop, found by number from other threads.
    func post(_ work: @escaping @Sendable (Guests, EventLoop) -> Void) {
        mailbox.post { loop in
            if let guests = loop.owner as? Guests { work(guests, loop) }
        }
    }
}

/// Everything that lives on one `LoopThread`.
final class Guests {
    var ears: [Int: Ear] = [:]
    var houses: [AnyObject] = []
}

/// Waits by asking again and again: rehearsals are short, and nobody measures them.
public enum Patience {
    private static let step = Interval.milliseconds(3)

    /// What `attempt` found, or `nil` where it found nothing within `limit`.
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
        // SAFETY: the kernel reads the time and writes what is left of it, both during the call.
        while unsafe nanosleep(&rest, &left) != 0, tk_errno() == EINTR { rest = left }
    }
}

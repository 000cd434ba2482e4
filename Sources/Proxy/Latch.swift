import Basics
import CLinux
import Synchronization

/// Lets one thread wait until others have reported how their start went.
final class Latch: Sendable {
    private let failures = Mutex<[String]>([])
    private let count: Int
    private let signal: Int32

    init(count: Int) {
        self.count = count
        signal = tk_eventfd(1)
    }

    deinit { tk_close(signal, 0) }

    /// - Parameter failure: `nil` on success.
    func report(_ failure: String?) {
        if let failure { failures.withLock { $0.append(failure) } }
        tk_eventfd_add(signal)
    }

    /// Returns the failures when all have reported.
    func wait() -> [String] {
        for _ in 0..<count { tk_eventfd_take(signal) }
        return failures.withLock { $0 }
    }

    /// Whether somebody has reported without being waited for; waits up to this time.
    func isOver(within time: Interval) -> Bool { tk_await(signal, Int32(time.milliseconds)) != 0 }
}

/// Counts answers that nobody waits for.
final class Countdown: Sendable {
    private let left: Atomic<Int>

    init(_ count: Int) { left = Atomic(count) }

    /// True for the last one.
    func arrive() -> Bool { left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}

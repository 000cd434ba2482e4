public import Basics
import CLinux
import Synchronization

/// Lets threads wait until a given number of others have arrived; then it stays open.
public final class Latch: Sendable {
    private let left: Atomic<Int>
    private let bell = tk_eventfd(0)

    public init(count: Int = 1) { left = Atomic(count) }

    deinit { tk_close(bell, 0) }

    public func arrive() {
        if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { tk_eventfd_add(bell) }
    }

    /// Returns when all have arrived; at once if the system had no descriptor for it.
    public func wait() {
        while bell >= 0, tk_await(bell, -1) == 0 {}
    }

    /// Waits this long at most.
    /// - Returns: Whether all have arrived.
    public func wait(within limit: Interval) -> Bool {
        bell >= 0 && tk_await(bell, Int32(clamping: limit.milliseconds)) != 0
    }
}

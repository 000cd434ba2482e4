public import Basics
import CLinux

/// A thread on which an object does slow work. It sleeps until it is woken; the object keeps the
/// work to do, under its own lock.
public final class BackgroundThread: Sendable {
    private let bell = tk_eventfd(0)
    private let hurry = tk_eventfd(0)
    private let ended = Latch()

    public init() {}

    deinit { for fd in [bell, hurry] { tk_close(fd, 0) } }

    // MARK: For others

    /// Runs `body`, once, until it returns.
    public func start(
        _ name: String, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        try startThread(name) { [self] in
            body()
            ended.arrive()
        }
    }

    /// There is something to do. If the thread is awake, it will not sleep before it has looked
    /// again.
    public func wake() { tk_eventfd_add(bell) }

    /// Wakes it, and returns when it has ended. The object must have noted before that it is to
    /// end.
    public func end() {
        wake()
        ended.wait()
    }

    /// Wakes it, and waits at most this long for its end.
    /// - Returns: Whether it has ended.
    @discardableResult
    public func end(within limit: Interval) -> Bool {
        wake()
        return ended.wait(within: limit)
    }

    /// From now on the thread waits for nothing, not even for a database's answer.
    public func stopWaiting() { tk_eventfd_add(hurry) }

    // MARK: For the thread

    /// Sleeps until it is woken, or this long.
    public func sleep(_ limit: Interval? = nil) {
        _ = tk_await(bell, limit.map { Int32(clamping: $0.milliseconds) } ?? -1)
        tk_eventfd_take(bell)
    }

    /// Whether `stopWaiting` was called.
    public var waitsForNothing: Bool { tk_await(hurry, 0) != 0 }

    /// Readable once `stopWaiting` was called, for calls that wait for descriptors.
    public var hurryDescriptor: Int32 { hurry }
}

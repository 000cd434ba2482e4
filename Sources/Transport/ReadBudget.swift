import Synchronization

/// How much a loop may read before the process's use of memory has been looked at again. Whoever
/// looks may come late when the processors are busy; what is read in the meantime is bounded by
/// this. One for each loop, so that loops share nothing.
public final class ReadBudget: Sendable {
    private let left = Atomic(Int.max)
    private let isAwaited = Atomic(false)

    /// Connections that hold less are read in any case: they are not what memory is short of, and
    /// their conversations go on.
    static let modest = 256 << 10

    @inline(__always)
    var isSpent: Bool { left.load(ordering: .relaxed) <= 0 }

    @inline(__always)
    func spend(_ bytes: Int) { left.wrappingSubtract(bytes, ordering: .relaxed) }

    /// A connection waits until there is more.
    func noteWaiting() { isAwaited.store(true, ordering: .relaxed) }

    /// Sets how many bytes may be read from now on.
    /// - Returns: Whether connections have waited for it: call `EventLoop.readAgain`.
    public func renew(_ bytes: Int) -> Bool {
        left.store(bytes, ordering: .relaxed)
        return bytes > 0 && isAwaited.exchange(false, ordering: .relaxed)
    }
}

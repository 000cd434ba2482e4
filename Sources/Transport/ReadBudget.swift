import Synchronization

/// How much a loop may read before the process's use of memory has been looked at again. Whoever
/// looks may come late when the processors are busy; what is read in the meantime is bounded by
/// this. One for each loop, so that loops share nothing.
///
/// When it is spent, connections that hold little go on out of a reserve: they are not what memory
/// is short of. There may be many of them, so the reserve ends, too; then only those that hold next
/// to nothing are read, in sips.
public final class ReadBudget: Sendable {
    private let left = Atomic(Int.max)
    /// Negative: below that the reserve is spent.
    private let end = Atomic(0)
    private let isAwaited = Atomic(false)

    /// What a connection may hold by reading from the reserve.
    static let modest = 256 << 10
    /// Most messages fit, a sip is the beginning of one: a thousand connections of this kind hold
    /// no more than a few large messages.
    static let slight = 16 << 10
    static let sip = 4 << 10
    /// The most that is read at once.
    static let most = 1 << 20

    /// Nobody need ask while there is plenty.
    @inline(__always)
    var isScarce: Bool { left.load(ordering: .relaxed) < Self.most }

    /// How much a connection that holds this much may read now; 0 if it has to wait.
    func allowance(holding held: Int) -> Int {
        let left = left.load(ordering: .relaxed)
        if left > 0 { return left }
        let reserve = left - end.load(ordering: .relaxed)
        if reserve > 0 { return max(0, min(Self.modest - held, reserve)) }
        return held < Self.slight ? Self.sip : 0
    }

    @inline(__always)
    func spend(_ bytes: Int) { left.wrappingSubtract(bytes, ordering: .relaxed) }

    /// A connection waits until there is more.
    func noteWaiting() { isAwaited.store(true, ordering: .relaxed) }

    /// Sets how many bytes may be read from now on, by anyone, and then by those that hold little.
    /// - Returns: Whether connections have waited for it: call `EventLoop.readAgain`.
    public func renew(_ bytes: Int, reserve: Int) -> Bool {
        end.store(-reserve, ordering: .relaxed)
        left.store(bytes, ordering: .relaxed)
        return bytes + reserve > 0 && isAwaited.exchange(false, ordering: .relaxed)
    }
}

import Synchronization

/// How much a loop may read before the memory in use is checked again. When the processors are
/// busy, that check may come late; this bounds what is read in the meantime. Each loop has its own,
/// so that loops share nothing.
///
/// When it is spent, connections that hold little are still read, from a reserve: they are not the
/// cause of the shortage. There may be many of them, so the reserve is limited, too; after that,
/// only connections that hold next to nothing are read, in sips.
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

    /// Whether a read must ask `allowance` first.
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

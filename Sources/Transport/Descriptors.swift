import CLinux
import Synchronization

/// File descriptors: how many clients and upstreams may use, and how many are reserved for the rest
/// of the process: health checks, a reload, the ledger.
enum Descriptors {
    /// The hard limit, requested once.
    private static let most: Int = {
        tk_raise_descriptors()
        return Int(tk_descriptor_limit())
    }()

    /// A quarter if there are few; the admin port's connections fit with room to spare.
    private static let kept = min(most / 4, 576)

    /// Sockets of clients and upstreams, in all loops.
    private static let used = Atomic(0)

    static func opened() { used.add(1, ordering: .relaxed) }
    static func closed() { used.subtract(1, ordering: .relaxed) }

    /// From here on a client is answered, but gets no session.
    static var areShort: Bool { used.load(ordering: .relaxed) > most - kept }
    /// From here on clients are not accepted, and nothing is dialed.
    static var areUsedUp: Bool { used.load(ordering: .relaxed) > most - kept / 4 * 3 }
}

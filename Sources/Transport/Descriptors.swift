import CLinux
import Synchronization

/// File descriptors: what clients and upstreams may use, and what is kept for the rest of the
/// process, whoever connects: health checks, a reload, the ledger.
enum Descriptors {
    /// As many as the hard limit allows, asked for once.
    private static let most: Int = {
        tk_raise_descriptors()
        return Int(tk_descriptor_limit())
    }()

    /// A quarter where there are few; the admin port's connections fit with room to spare.
    private static let kept = min(most / 4, 576)

    /// Sockets of clients and upstreams, of all loops.
    private static let used = Atomic(0)

    static func opened() { used.add(1, ordering: .relaxed) }
    static func closed() { used.subtract(1, ordering: .relaxed) }

    /// From here on a client is heard, but gets no session.
    static var areShort: Bool { used.load(ordering: .relaxed) > most - kept }
    /// From here on nobody is heard, and nothing is dialed.
    static var areUsedUp: Bool { used.load(ordering: .relaxed) > most - kept / 4 * 3 }
}

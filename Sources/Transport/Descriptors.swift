import CLinux
import Synchronization

/// The process's file descriptors: one limit, divided among all uses. What the process has open
/// when it begins to serve comes off first; of the rest, some are reserved for what it opens now
/// and then (a reload, the ledger, look-ups, a take-over), some are the admin port's, and the
/// others belong to clients and upstreams.
public enum Descriptors {
    /// The hard limit, requested once.
    private static let most: Int = {
        tk_raise_descriptors()
        return Int(tk_descriptor_limit())
    }()

    /// Descriptors of the process itself: files, databases, the admin port's socket.
    private static let own = Atomic(0)

    /// Sockets of clients and upstreams, in all loops.
    private static let used = Atomic(0)

    /// - Parameter own: The number that are open, once everything is open that lasts as long as the
    ///   process.
    /// - Returns: How many clients and upstreams may use.
    public static func settle(own: Int) -> Int {
        self.own.store(own - used.load(ordering: .relaxed), ordering: .relaxed)
        return max(0, ofPeers - spare)
    }

    static func opened() { used.add(1, ordering: .relaxed) }
    static func closed() { used.subtract(1, ordering: .relaxed) }

    /// The sockets among `used` whose clients have not asked for anything yet.
    private static let silent = Atomic(0)

    static func becameSilent() { silent.add(1, ordering: .relaxed) }
    static func hasAsked() { silent.subtract(1, ordering: .relaxed) }

    private static var free: Int { max(0, most - own.load(ordering: .relaxed)) }
    /// An eighth if there are few. A reload reads a file at a time, the ledger opens a dozen.
    private static var reserve: Int { min(96, free / 8) }
    /// How many connections the admin port may have. Two hundred scrapes may connect at once before
    /// they send a request, while sixty-four readers follow events.
    public static var ofAdmin: Int { min(320, max(4, free / 8)) }
    private static var ofPeers: Int { max(0, free - reserve - ofAdmin) }
    /// The part of `ofPeers` for requests that are answered at once, and for redials of existing
    /// sessions.
    private static var spare: Int { min(256, max(4, ofPeers / 8)) }

    private static func used(leaving count: Int) -> Bool {
        used.load(ordering: .relaxed) >= ofPeers - count
    }

    /// From here on, connections that wait without a session are closed for newer clients; if there
    /// are none, newer clients are answered, but get no session.
    public static var areShort: Bool { used(leaving: spare) }
    /// From here on no session begins: the rest is for existing ones. Several loops may each admit
    /// one at the same moment, and all of them dial.
    public static var areForSessions: Bool { used(leaving: spare / 2) }
    /// From here on nothing is dialed: the rest is for requests that are answered here.
    static var areForAnswers: Bool { used(leaving: spare / 4) }
    /// From here on no client is accepted; nor while half of all sockets belong to clients without
    /// a request, so that the other half remains for those with one.
    static var areUsedUp: Bool {
        used(leaving: 0) || silent.load(ordering: .relaxed) >= ofPeers / 2
    }
}

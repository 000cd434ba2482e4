import Basics
import CLinux
import Glibc
import Synchronization
import Transport

/// The signals that the server handles, one by one, on the thread that waits for them.
public enum Signals {
    enum Wish { case terminate, reload, none }

    /// Call this first, before any thread is started, so that all threads leave them to `next`.
    public static func block() {
        var set = Self.set(watched)
        // SAFETY: reads the set, during the call.
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        for unasked in Self.unasked { _ = signal(unasked, SIG_IGN) }
    }

    /// Signals that have no meaning here but would end the process: an accidental key press, a
    /// profiler's clock, or a file at its size limit, which counts as a full disk for the ledger.
    private static let unasked =
        [
            SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR, SIGXCPU, SIGXFSZ,
            SIGPIPE, SIGSTKFLT,
        ] + realTime
    /// Used only by programs themselves; the C library reserves the two before them.
    private static let realTime = Array(Int32(34)...64)

    /// What a request to end does.
    private enum Stage: Sendable {
        /// No client is served yet: the process ends at once.
        case starting
        /// Clients are accepted; the request is kept until it can be granted.
        case begun(isAsked: Bool)
        /// Called with each request, the first (`false`) and the second, which must be granted
        /// within a second.
        case serving(@Sendable (_ isAgain: Bool) -> Void)
    }
    private static let stage = Mutex(Stage.starting)
    private static let isTaking = Atomic(false)

    /// From here on a separate thread handles requests to end, so that the second one is granted
    /// within a second, whatever blocks other threads: a process whose sockets are to be taken over
    /// may be stopped, and reading policies may wait for a disk.
    public static func takeWishesToEnd() {
        guard isTaking.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
        else { return }
        do throws(SystemError) {
            try startThread("leaving") {
                waitForEnd()
                ask(isAgain: false)
                waitForEnd()
                ask(isAgain: true)
                usleep(900_000)
                _exit(1)
            }
        } catch {
            // Without a thread the system ends the process at once.
            _ = signal(SIGTERM, SIG_DFL)
            var set = Self.set(watched)
            // SAFETY: reads the set, during the call.
            _ = unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
        }
    }

    private static func ask(isAgain: Bool) {
        let asked: (@Sendable (Bool) -> Void)? = stage.withLock { stage in
            switch stage {
            case .starting: _exit(0)
            case .begun:
                stage = .begun(isAsked: true)
                return nil
            case .serving(let asked): return asked
            }
        }
        asked?(isAgain)
        if !isAgain { kill(getpid(), SIGHUP) }
    }

    /// Clients are accepted from here on.
    static func begin() {
        stage.withLock { if case .starting = $0 { $0 = .begun(isAsked: false) } }
    }

    /// `asked` is called with each request to end, even if it came before; after the first, `next`
    /// returns early.
    static func serve(_ asked: @escaping @Sendable (_ isAgain: Bool) -> Void) {
        takeWishesToEnd()
        let wasAsked = stage.withLock { stage in
            defer { stage = .serving(asked) }
            if case .begun(let isAsked) = stage { return isAsked }
            return false
        }
        if wasAsked { asked(false) }
    }

    /// Returns when this process is asked to end.
    public static func waitForEnd() {
        while next(within: .seconds(3600), of: wishesToEnd) != .terminate {}
    }

    /// A thread that waits for other processes leaves the remaining signals to other threads.
    static func next(within time: Interval, of signals: [Int32]) -> Wish {
        var set = Self.set(signals)
        var patience = timespec(
            tv_sec: Int(time.nanoseconds / 1_000_000_000),
            tv_nsec: Int(time.nanoseconds % 1_000_000_000))
        // SAFETY: reads both, during the call; nothing is returned but the number.
        switch unsafe sigtimedwait(&set, nil, &patience) {
        case SIGTERM, SIGINT, SIGQUIT: return .terminate
        case SIGHUP: return .reload
        default: return .none
        }
    }

    /// All are treated alike: some supervisors send SIGQUIT, and it is a key beside the one for
    /// SIGINT.
    private static let wishesToEnd = [SIGTERM, SIGINT, SIGQUIT]
    private static let watched = wishesToEnd + [SIGHUP]

    private static func set(_ signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        // SAFETY: writes into a local.
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        return set
    }
}

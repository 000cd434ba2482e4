import Admin
import Basics
import CLinux
import Ledger
import Synchronization
import Transport

/// Tells readers what the ledger hears, as server-sent events, on a thread of its own.
///
/// The ledger is the source and the buffer at once: a reader has a place in it, and is told more
/// when it has taken what it was told. So a slow reader costs nothing but its own delay, history
/// and news are one sequence without a seam, and a reader that comes back goes on where it was.
final class EventStream: Sendable {
    private struct State {
        var arrivals: [Subscription] = []
        var readers = 0
        var dropped = 0
        var isOpen = true
    }
    private let state = Mutex(State())
    private let path: String
    private let condition: @Sendable () -> Ledger.Condition
    private let wake = tk_eventfd(0)
    private let done = tk_eventfd(1)

    /// A browser tab has two; some engineers, each with some tabs.
    private static let capacity = 64
    /// Added to what the ledger gathers, it keeps news below a second old.
    private static let rhythm = Interval.milliseconds(250)

    private init(_ path: String, _ condition: @escaping @Sendable () -> Ledger.Condition) {
        self.path = path
        self.condition = condition
    }

    deinit { for fd in [wake, done] { tk_close(fd, 0) } }

    /// - Parameter condition: how the ledger stands, told to those who watch the whole fleet.
    static func start(
        _ path: String, condition: @escaping @Sendable () -> Ledger.Condition
    ) throws(SystemError) -> EventStream {
        let newsroom = EventStream(path, condition)
        try startThread("events") { newsroom.work() }
        return newsroom
    }

    /// Readers now, and how many were ever dropped with news they had not taken.
    var figures: (readers: Int, dropped: Int) {
        state.withLock { ($0.readers, $0.dropped) }
    }

    /// From now on `topic` is told to whoever asked.
    func subscribe(_ reply: Reply, to topic: Topic) {
        let hasRoom = state.withLock { state in
            guard state.isOpen, state.readers < Self.capacity else { return false }
            state.readers += 1
            return true
        }
        guard hasRoom else {
            return reply.send(.problem(503, "too many readers follow events already"))
        }
        let stream = reply.stream(
            contentType: "text/event-stream",
            headers: Response.guarding + [("X-Accel-Buffering", "no")])
        state.withLock { $0.arrivals.append(Subscription(stream, topic)) }
        tk_eventfd_add(wake)
    }

    func stop() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        guard wasOpen else { return }
        tk_eventfd_add(wake)
        tk_eventfd_take(done)
    }

    // MARK: The thread

    private func work() {
        var reader: LedgerReader?
        var subscriptions: [Subscription] = []
        while true {
            rest(subscriptions.isEmpty ? nil : Self.rhythm)
            let isOpen = state.withLock { state in
                subscriptions += state.arrivals
                state.arrivals = []
                return state.isOpen
            }
            guard isOpen else { break }
            let now = Instant(nanoseconds: tk_now())
            let fleet = condition()
            for place in subscriptions.indices {
                do throws(LedgerError) {
                    let open = if let reader { reader } else { try LedgerReader(path) }
                    reader = open
                    try subscriptions[place].advance(open, fleet, at: now)
                } catch {
                    // A file that cannot be read now may be readable at the next round.
                    reader = nil
                    subscriptions[place].tell(trouble: error.description)
                }
            }
            // Asked once: a stream may end between two looks, and its place must be given back.
            var gone: [Subscription] = []
            subscriptions.removeAll { subscription in
                let hasEnded = !subscription.stream.isOpen || subscription.isOver
                if hasEnded { gone.append(subscription) }
                return hasEnded
            }
            let dropped = gone.count { !$0.isOver && $0.stream.backlog > 0 }
            state.withLock { state in
                state.readers -= gone.count
                state.dropped += dropped
            }
            // Nobody reads: the file can be let go.
            if subscriptions.isEmpty { reader = nil }
        }
        reader = nil
        for subscription in subscriptions { subscription.stream.finish() }
        tk_eventfd_add(done)
    }

    private func rest(_ limit: Interval?) {
        var entry = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
        // SAFETY: one local structure, written during the call.
        _ = unsafe poll(&entry, 1, limit.map { Int32($0.milliseconds) } ?? -1)
        tk_eventfd_take(wake)
    }
}

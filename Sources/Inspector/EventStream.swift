import Admin
import Basics
import CLinux
import Ledger
import Synchronization
import Transport

/// Sends the ledger's events to readers as server-sent events, on its own thread.
///
/// The ledger is both the source and the buffer: a reader has a position in it, and gets more when
/// it has accepted what was sent. So a slow reader only delays itself, history and live events are
/// one seamless sequence, and a reader that reconnects continues where it was.
final class EventStream: Sendable {
    private struct State {
        var arrivals: [Subscription] = []
        var readers = 0
        var dropped = 0
        var isOpen = true
    }
    private let state = Mutex(State())
    private let place: LedgerPlace
    private let condition: @Sendable () -> Ledger.Condition
    private let thread = BackgroundThread()

    /// A browser tab has two; this serves several engineers, each with several tabs. Half of the
    /// port's connections remain for others.
    private static var capacity: Int { min(64, Descriptors.ofAdmin / 2) }
    /// Together with the ledger's batching, this keeps events less than a second old.
    private static let rhythm = Interval.milliseconds(250)

    private init(_ place: LedgerPlace, _ condition: @escaping @Sendable () -> Ledger.Condition) {
        self.place = place
        self.condition = condition
    }

    /// - Parameter condition: The ledger's health, sent to readers of the whole fleet.
    static func start(
        _ place: LedgerPlace, condition: @escaping @Sendable () -> Ledger.Condition
    ) throws(SystemError) -> EventStream {
        let stream = EventStream(place, condition)
        try stream.thread.start("events") { stream.work() }
        return stream
    }

    /// The number of readers, and how many were ever dropped for being too slow.
    var figures: (readers: Int, dropped: Int) {
        state.withLock { ($0.readers, $0.dropped) }
    }

    /// From now on the reply's client receives events of `topic`.
    func subscribe(_ reply: Reply, to topic: Topic) {
        let hasRoom = state.withLock { state in
            guard state.isOpen, state.readers < Self.capacity else { return false }
            state.readers += 1
            return true
        }
        guard hasRoom else {
            return reply.send(.problem(503, "too many readers already follow events"))
        }
        let stream = reply.stream(
            contentType: "text/event-stream",
            headers: Response.guarding + [("X-Accel-Buffering", "no")])
        state.withLock { $0.arrivals.append(Subscription(stream, topic)) }
        thread.wake()
    }

    func stop() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        guard wasOpen else { return }
        thread.stopWaiting()
        thread.end()
    }

    // MARK: The thread

    private func work() {
        var reader: LedgerReader?
        var subscriptions: [Subscription] = []
        while true {
            thread.sleep(subscriptions.isEmpty ? nil : Self.rhythm)
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
                    let open =
                        if let reader { reader } else {
                            try LedgerReader(self.place, onBehalfOf: thread)
                        }
                    reader = open
                    try subscriptions[place].advance(open, fleet, at: now)
                } catch {
                    // The file may be readable in the next round.
                    reader = nil
                    subscriptions[place].send(trouble: error.description)
                }
            }
            // Checked once: a stream may end between two checks, and its place must be released.
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
            // No readers: the file can be closed.
            if subscriptions.isEmpty { reader = nil }
        }
        for subscription in subscriptions { subscription.stream.finish() }
    }
}

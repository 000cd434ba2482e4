public import Admin
import Basics
import Ledger
import Synchronization
import Transport

/// Runs queries against the ledger, one after another, on its own thread: the admin thread must not
/// wait for a disk.
final class LedgerQueries: Sendable {
    /// Returns nil if it answers in another way.
    typealias Question = @Sendable (LedgerReader) throws(LedgerError) -> Response?

    private struct Queue {
        var questions: [(question: Question, reply: Reply)] = []
        var isOpen = true
    }
    private let queue = Mutex(Queue())
    private let place: LedgerPlace
    private let thread = BackgroundThread()

    /// A page sends a few queries at a time; if more than this are waiting, answers take seconds,
    /// and one more would only add to that.
    private static let capacity = 64

    private init(_ place: LedgerPlace) { self.place = place }

    /// - Parameter name: Of the thread.
    static func start(
        _ place: LedgerPlace, _ name: String = "api"
    ) throws(SystemError) -> LedgerQueries {
        let queries = LedgerQueries(place)
        try queries.thread.start(name) { queries.work() }
        return queries
    }

    func ask(_ reply: Reply, _ question: @escaping Question) {
        let isTaken = queue.withLock { queue in
            guard queue.isOpen, queue.questions.count < Self.capacity else { return false }
            queue.questions.append((question, reply))
            return true
        }
        if isTaken {
            thread.wake()
        } else {
            reply.send(.problem(503, "too many queries are waiting for the ledger"))
        }
    }

    /// Ends the thread after the query that it is at.
    func stop() {
        let wasOpen = queue.withLock { queue in
            defer { queue = Queue(isOpen: false) }
            return queue.isOpen
        }
        guard wasOpen else { return }
        thread.stopWaiting()
        thread.end()
    }

    private func work() {
        var reader: LedgerReader?
        while true {
            let (next, isOpen) = queue.withLock { queue in
                (queue.questions.isEmpty ? nil : queue.questions.removeFirst(), queue.isOpen)
            }
            guard isOpen else { return }
            guard let next else {
                thread.sleep()
                continue
            }
            do throws(LedgerError) {
                let open =
                    if let reader { reader } else { try LedgerReader(place, onBehalfOf: thread) }
                reader = open
                if let answer = try next.question(open) { next.reply.send(answer) }
            } catch {
                // The file may be a different one next time.
                reader = nil
                next.reply.send(.problem(503, error.description))
            }
        }
    }
}

extension Response {
    /// An error, in the format of all errors.
    public static func problem(_ status: Int, _ message: String) -> Response {
        .report(ReportJSON.error(message), status: status)
    }

    /// JSON about users, which no cache may keep.
    public static func report(
        _ json: [UInt8], status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> Response {
        Response(
            status: status, contentType: "application/json", headers: Self.guarding + headers,
            body: json)
    }

    static let guarding: [(name: String, value: String)] = [
        ("Cache-Control", "no-store"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ]
}

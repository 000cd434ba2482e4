import Basics
import Transport
import WebSocket

/// One HTTP request that we send, and its answer. Redirects are treated like any other answer.
final class HTTPFetch: StreamDelegate, TimerOwner {
    struct Answer {
        var status: UInt16
        /// The first 64 KiB of it, or all.
        var body: [UInt8]
    }
    /// The reason in words, without secrets.
    struct Failure: Error {
        var description: String
    }

    /// The peer's name in messages.
    private let peer: String
    private let loop: EventLoop
    private let longest: Interval
    private var done: ((Result<Answer, Failure>) -> Void)?
    private var connection: Connection?
    private var timer: Timer?
    private var question: [UInt8] = []
    private var received: [UInt8] = []
    private var scanner = HeadScanner()
    private var status: UInt16 = 0
    private var body: BodyReader?

    /// - Parameter longest: For the whole exchange: look-up, TLS, request and answer.
    init(
        _ peer: String, _ loop: EventLoop, within longest: Interval,
        _ done: @escaping (Result<Answer, Failure>) -> Void
    ) {
        self.peer = peer
        self.loop = loop
        self.longest = longest
        self.done = done
    }

    func start(_ question: [UInt8], to endpoint: Endpoint, _ tls: ClientTLS?) {
        self.question = question
        timer = Timer(loop, owner: self)
        timer?.arm(at: loop.now + longest)
        connection = loop.dial(
            stream: DialRequest(endpoint: endpoint, target: "/", tls: tls, timeout: longest),
            delegate: self)
    }

    func cancel() {
        done = nil
        end(.failure(Failure(description: "cancelled")))
    }

    func connected(_ connection: Connection) {
        let request = question
        question = []
        connection.send(raw: request.span)
    }

    func received(_ connection: Connection, _ bytes: Span<UInt8>) {
        do throws(HeadError) {
            if body == nil {
                try takeHead(bytes)
            } else {
                try body?.feed(bytes)
            }
            if body?.isComplete == true { read() }
        } catch {
            end(.failure(Failure(description: "the \(peer)'s answer: \(error.reason)")))
        }
    }

    private func takeHead(_ bytes: Span<UInt8>) throws(HeadError) {
        var waiting = received
        Bytes.append(bytes, to: &waiting)
        while body == nil, let head = try ResponseHead.parse(waiting.span, resuming: &scanner) {
            waiting.removeFirst(head.length)
            scanner = HeadScanner()
            guard head.status != 101 else { throw HeadError(502, "changes the protocol") }
            // A 1xx comes before the answer (RFC 9110 section 15.2).
            guard head.status >= 200 else { continue }
            status = head.status
            body = BodyReader(BodyFraming(head))
            try body?.feed(waiting.span)
        }
        received = body == nil ? waiting : []
    }

    func ended(_ connection: Connection, _ failure: ConnectionFailure?) {
        self.connection = nil
        if body != nil { return read() }
        end(
            .failure(
                Failure(description: failure?.description ?? "the \(peer) gave no answer")))
    }

    func timerFired(_ timer: Timer) {
        end(.failure(Failure(description: "the \(peer) took over \(longest.seconds) s")))
    }

    private func read() {
        end(.success(Answer(status: status, body: body?.bytes ?? [])))
    }

    private func end(_ result: Result<Answer, Failure>) {
        timer = nil
        connection?.abandon()
        connection = nil
        let done = self.done
        self.done = nil
        done?(result)
    }
}

import Basics
import Transport
import WebSocket

/// One of the vendor's REST requests on its way to the vendor, and the answer on its way back: both
/// streamed, each slowed by whoever takes it in. One request to a connection on either side, so
/// that no two readers can disagree about where the next one begins.
final class RESTExchange: StreamDelegate, TimerOwner {
    private let worker: Worker
    private let head: RequestHead
    private let dial: DialRequest
    private let tenant: String
    private let account: Account
    private let began: Instant
    private var client: Connection?
    private var upstream: Connection?
    private var request: BodyMeter
    /// Nil until the answer's head has passed.
    private var answer: BodyMeter?
    /// What came of the answer's head so far, and how far it was looked at.
    private var answerHead: [UInt8] = []
    private var scanner = HeadScanner()
    private var status: UInt16 = 0
    private var upload: Timer?

    init(
        worker: Worker, client: Connection, head: RequestHead, dial: DialRequest, tenant: String,
        account: Account
    ) {
        self.account = account
        self.worker = worker
        self.client = client
        self.head = head
        self.dial = dial
        self.tenant = tenant
        began = worker.loop.now
        // The head has been checked for framings that cannot be.
        request = BodyMeter((try? RefusalBody.Framing(head)) ?? .length(0))
    }

    func start() {
        client?.limits = dial.limits
        client?.attend(self)
        upstream = worker.loop.dial(stream: dial, delegate: self)
    }

    func connected(_ connection: Connection) {
        connection.send(
            raw: Passage.request(
                head, target: dial.target, host: dial.endpoint.authority, headers: dial.headers
            ).span)
        connection.source = client
        client?.source = connection
        client?.startStream()
        watchUpload()
    }

    /// Longest silence in the middle of a request: an upload on the worst of networks moves within.
    private static let uploadSilence = Interval.seconds(60)

    private func watchUpload() {
        guard !request.isComplete else { return upload = nil }
        let clock = upload ?? Timer(worker.loop, owner: self)
        clock.arm(at: worker.loop.now + Self.uploadSilence)
        upload = clock
    }

    func timerFired(_ timer: Timer) {
        let seconds = Self.uploadSilence.milliseconds / 1000
        fail(Answer(status: 408, error: "nothing of the request came for \(seconds) s"))
    }

    func received(_ connection: Connection, _ bytes: Span<UInt8>) {
        do throws(HeadError) {
            if connection === client {
                // What lies behind the request is nobody's.
                let count = try request.take(bytes)
                watchUpload()
                upstream?.send(raw: bytes.extracting(0..<count))
            } else if answer != nil {
                try pass(bytes)
            } else {
                try takeHead(bytes)
            }
        } catch {
            fail(Answer(status: error.status, error: error.reason))
        }
    }

    private func takeHead(_ bytes: Span<UInt8>) throws(HeadError) {
        var waiting = answerHead
        for index in bytes.indices { waiting.append(bytes[index]) }
        while let found = try ResponseHead.parse(waiting.span, resuming: &scanner) {
            let (head, framing) = try Passage.answer(found, toMethod: self.head.method)
            guard found.status != 101 else { throw HeadError(502, "upstream changed the protocol") }
            waiting.removeFirst(found.length)
            scanner = HeadScanner()
            client?.send(raw: head.span)
            guard found.status >= 200 else { continue }
            status = found.status
            answer = BodyMeter(framing)
            answerHead = []
            return try pass(waiting.span)
        }
        answerHead = waiting
    }

    private func pass(_ bytes: Span<UInt8>) throws(HeadError) {
        guard let count = try answer?.take(bytes) else { return }
        client?.send(raw: bytes.extracting(0..<count))
        if answer?.isComplete == true { finish() }
    }

    func ended(_ connection: Connection, _ failure: ConnectionFailure?) {
        if connection === client {
            client = nil
            upstream?.abandon()
            leave("client left")
        } else if failure == nil, answer?.endsWithConnection == true {
            finish()
        } else {
            let why = failure?.description ?? "it ended the connection before its answer"
            let isLate = failure?.kind == .timedOut
            fail(
                Answer(status: isLate ? 504 : 502, error: "gemini cannot be reached: \(why)"))
        }
    }

    private func finish() {
        upstream?.abandon()
        client?.finishStream()
        leave("passed on")
    }

    /// Before the answer has begun the client is told; after that only a cut says that it is not
    /// whole.
    private func fail(_ answer: Answer) {
        upstream?.abandon()
        if self.answer == nil {
            status = answer.status
            client?.respond(status: answer.status, headers: answer.headers, body: answer.body)
        } else {
            client?.abandon()
        }
        leave("failed")
    }

    private func leave(_ outcome: String) {
        upload = nil
        account.endExchange()
        client = nil
        upstream = nil
        worker.shared.log.write(
            .debug, "REST request ended",
            [
                ("tenant", .string(tenant)), ("outcome", .string(outcome)),
                ("status", .integer(Int(status))),
                ("seconds", .seconds((worker.loop.now - began).seconds)),
            ])
        worker.remove(self)
    }
}

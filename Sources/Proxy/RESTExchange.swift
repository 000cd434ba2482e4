import Basics
import Metrics
import Policies
import Transport
import WebSocket

/// One of Google's REST requests, forwarded with its answer: both streamed, each at the speed of
/// its receiver. One request per connection on either side, so that no two parsers can disagree
/// about where the next one begins.
final class RESTExchange: StreamDelegate, TimerOwner, Passage {
    /// How it ended, as counted in the metric.
    enum Outcome: String, CaseIterable {
        case answered
        case clientClosed = "client_closed"
        /// The client stopped in its request, or does not read the answer.
        case stalled
        /// Gemini is not reached, is silent, or breaks off.
        case unanswered
        /// One of them sent what could be read in two ways.
        case failed
        /// Memory was short, and it held more than its share.
        case memory
    }

    /// How much may wait for one side before the other is not read: more than a network holds, and
    /// little enough for a tenant with many exchanges.
    private static let buffer = 256 << 10

    let id = Identifier.make()
    private let worker: Worker
    private let head: RequestHead
    private let dial: DialRequest
    private let policy: Policy
    private let account: Account
    private let link: UploadLink?
    private let began: Instant
    private var client: Connection?
    private var upstream: Connection?
    private var request: BodyMeter
    /// Nil until the answer's head has been forwarded.
    private var answer: BodyMeter?
    /// The answer's head so far, and how far it was examined.
    private var answerHead: [UInt8] = []
    private var scanner = HeadScanner()
    private var status: UInt16 = 0
    /// Fires when one side keeps the other waiting for too long: the client in its request, gemini
    /// in its answer.
    private var clock: Timer?
    /// An answer to our credential that is not content (a redirection, an error): read as a whole,
    /// because it may quote the credential.
    private var complaint: (head: ResponseHead, framing: BodyFraming, body: BodyReader)?

    init(
        worker: Worker, client: Connection, head: RequestHead, dial: DialRequest, policy: Policy,
        account: Account, link: UploadLink?
    ) {
        self.account = account
        self.link = link
        self.worker = worker
        self.client = client
        self.head = head
        self.dial = dial
        self.policy = policy
        began = worker.loop.now
        // The head's framing has already been validated.
        request = BodyMeter((try? BodyFraming(head)) ?? .length(0))
    }

    func start() {
        var dial = dial
        dial.limits.buffer = min(dial.limits.buffer, Self.buffer)
        client?.limits = dial.limits
        client?.attend(self)
        upstream = worker.loop.dial(stream: dial, delegate: self)
    }

    // MARK: Among others

    var tenant: String { policy.tenant }
    var connections: [Connection] { [client, upstream].compactMap { $0 } }
    var ownBytes: Int { answerHead.count + (complaint?.body.bytes.count ?? 0) }
    func heldBytes(behind connection: Connection) -> Int { heldBytes }
    /// Every request has an end.
    func drain() {}

    func yield() { fail(Rejection(.memory).status, Rejection(.memory).words, .memory) }

    // MARK: Request and answer

    func connected(_ connection: Connection) {
        var request = ForwardedHead.request(
            head, target: dial.target, host: dial.endpoint.authority, headers: dial.headers)
        // An HTTP/1.0 client cannot read chunks, so gemini is asked in that version.
        if head.minorVersion == 0 {
            request[head.method.utf8.count + dial.target.utf8.count + 9] = UInt8(ascii: "0")
        }
        connection.send(raw: request.span)
        connection.source = client
        client?.source = connection
        client?.startStream()
        watch()
    }

    /// Restarts the clock, because something was passed on. Data that has only arrived, such as
    /// part of a head, is not progress.
    private func watch() {
        let clock = clock ?? Timer(worker.loop, owner: self)
        clock.arm(at: worker.loop.now + patience)
        self.clock = clock
    }

    private var patience: Interval {
        request.isComplete ? policy.upstream.restSilence : worker.loop.patience.upload
    }

    func timerFired(_ timer: Timer) {
        // A peer that is not read for lack of memory is not silent.
        if connections.contains(where: \.isStarved) { return watch() }
        let words = "neither sent nor read anything for \(patience)"
        // A peer that is not read is waiting; the other one is to blame.
        let isForClient =
            request.isComplete ? upstream?.isThrottled != true : client?.isThrottled == true
        if isForClient {
            fail(504, "gemini has \(words)", .unanswered)
        } else {
            fail(408, "the client has \(words)", .stalled)
        }
    }

    func received(_ connection: Connection, _ bytes: Span<UInt8>) {
        do throws(HeadError) {
            if connection === client {
                // Bytes after the request are ignored.
                guard !request.isComplete else { return }
                for range in try request.add(bytes) {
                    upstream?.send(raw: bytes.extracting(range))
                }
                watch()
            } else if complaint != nil {
                try complaint?.body.feed(bytes)
                if complaint?.body.isComplete == true { try passComplaint() }
            } else if answer != nil {
                try pass(bytes)
            } else {
                try takeHead(bytes)
            }
        } catch {
            fail(error.status, error.reason)
        }
    }

    private func takeHead(_ bytes: Span<UInt8>) throws(HeadError) {
        var waiting = answerHead
        Bytes.append(bytes, to: &waiting)
        while let found = try ResponseHead.parse(waiting.span, resuming: &scanner) {
            guard found.status != 101 else { throw HeadError(502, "upstream changed the protocol") }
            waiting.removeFirst(found.length)
            scanner = HeadScanner()
            // A client that sent `Expect: 100-continue` may wait for it before it sends its body.
            guard found.status >= 200 else {
                if head.minorVersion > 0 {
                    let (interim, _) = try ForwardedHead.answer(told(found), toMethod: head.method)
                    client?.send(raw: interim.span)
                }
                continue
            }
            status = found.status
            answerHead = []
            if found.status >= 300, policy.upstream.hasOwnCredential {
                let framing = head.method == "HEAD" ? .length(0) : BodyFraming(found)
                var body = BodyReader(framing)
                try body.feed(waiting.span)
                complaint = (found, framing, body)
                // A body that will not be shown is not waited for.
                if body.isComplete || framing == .unclear { try passComplaint() }
                return
            }
            let (head, framing) = try ForwardedHead.answer(
                leadingHere(told(found)), toMethod: self.head.method)
            client?.send(raw: head.span)
            if request.isComplete { watch() }
            answer = BodyMeter(framing)
            return try pass(waiting.span)
        }
        answerHead = waiting
    }

    /// What a client needs of a redirection or an error; an upload that continues (308) tells its
    /// range.
    private static let complaintFields: Set<String> = [
        "content-type", "retry-after", "vary", "www-authenticate", "range", "etag",
        "last-modified", "cache-control", "expires",
    ]

    /// The head as the client sees it: CORS fields are ours, and our credential is removed.
    private func told(_ found: ResponseHead) -> ResponseHead {
        var found = found
        var fields = found.headers.fields
        if let origin = head.headers.first("origin"), !origin.isEmpty {
            fields.removeAll { $0.name.lowercased().hasPrefix("access-control-") }
            fields += CrossOrigin.answer(to: head.headers)
        }
        if policy.upstream.hasOwnCredential {
            fields = worker.shared.scrubber.scrub(quotation: fields)
            found.reason = worker.shared.scrubber.scrub(quotation: found.reason)
        }
        found.headers = HeaderFields(fields)
        return found
    }

    /// The head with continuation addresses that lead through the proxy. Throws 502 for one that
    /// cannot.
    private func leadingHere(_ found: ResponseHead) throws(HeadError) -> ResponseHead {
        guard let link else { return found }
        var found = found
        var fields: [HeaderField] = []
        for field in found.headers.fields {
            let name = field.name.lowercased()
            if !UploadLink.fields.contains(name) {
                fields.append(field)
            } else if let address = link.through(field.text),
                let field = HeaderField(field.name, address)
            {
                fields.append(field)
            } else if name != "location" || (300..<400).contains(found.status) {
                throw HeadError(
                    502,
                    "gemini's \(name) bypasses this proxy, and the client's key is not valid there"
                )
            }
        }
        found.headers = HeaderFields(fields)
        return found
    }

    private func passComplaint() throws(HeadError) {
        guard let complaint else { return }
        var fields = try leadingHere(told(complaint.head)).headers.fields.filter { field in
            Self.complaintFields.contains(field.name.lowercased())
                || status < 400 && UploadLink.fields.contains(field.name.lowercased())
                || ["access-control-", "x-goog-upload-"].contains {
                    field.name.lowercased().hasPrefix($0)
                }
        }
        let body: [UInt8]
        if status == 304 {
            body = []
        } else if Self.isText(complaint.head, complaint.framing, complaint.body.bytes) {
            body = worker.shared.scrubber.scrub(quotation: complaint.body.bytes)
        } else {
            let answer = Answer(status: status, error: "gemini answered with \(status)")
            body = answer.body
            fields.removeAll { $0.isNamed("Content-Type") }
            fields += answer.headers
        }
        upstream?.abandon()
        client?.respond(status: status, headers: fields, body: body)
        leave(.answered)
    }

    /// Whether a body can be scrubbed. One that is encoded, framed in two ways, cut off, or has two
    /// bytes for each character cannot.
    private static func isText(
        _ head: ResponseHead, _ framing: BodyFraming, _ body: [UInt8]
    ) -> Bool {
        framing != .unclear && head.headers.list("Content-Encoding").isEmpty
            && body.count < BodyReader.defaultLimit && !body.contains(0)
    }

    private func pass(_ bytes: Span<UInt8>) throws(HeadError) {
        for range in try answer?.add(bytes) ?? [] {
            client?.send(raw: bytes.extracting(range))
            if request.isComplete { watch() }
        }
        if answer?.isComplete == true { finish() }
    }

    func ended(_ connection: Connection, _ failure: ConnectionFailure?) {
        if connection === client {
            client = nil
            upstream?.abandon()
            leave(.clientClosed)
        } else if complaint != nil {
            do throws(HeadError) {
                try passComplaint()
            } catch {
                fail(error.status, error.reason)
            }
        } else if failure == nil, answer?.endsWithConnection == true {
            finish()
        } else {
            let why = failure?.description ?? "it ended the connection before its answer"
            let isLate = failure?.kind == .timedOut
            fail(isLate ? 504 : 502, "gemini cannot be reached: \(why)", .unanswered)
        }
    }

    private func finish() {
        upstream?.abandon()
        client?.finishStream()
        leave(.answered)
    }

    /// Before the answer has begun, the client gets an error; after that, only a cut shows that the
    /// answer is incomplete.
    private func fail(_ status: UInt16, _ why: String, _ outcome: Outcome = .failed) {
        upstream?.abandon()
        if answer == nil {
            self.status = status
            var answer = Answer(status: status, error: why)
            if outcome == .memory { answer.retryAfter = Rejection(.memory).retryAfter }
            client?.respond(
                status: answer.status,
                headers: answer.headers + CrossOrigin.answer(to: head.headers), body: answer.body)
        } else {
            client?.abandon()
        }
        leave(outcome, why)
    }

    private func leave(_ outcome: Outcome, _ why: String? = nil) {
        clock = nil
        account.endExchange()
        client = nil
        upstream = nil
        worker.tell(outcome, status, why, of: policy.tenant, since: began)
        worker.remove(self)
    }
}

extension Worker {
    /// Counts and logs a REST request that has ended.
    func tell(
        _ outcome: RESTExchange.Outcome, _ status: UInt16, _ why: String?, of tenant: String,
        since began: Instant
    ) {
        shard.increment(shard.series(.restRequests, [tenant, "", outcome.rawValue]))
        shared.log.write(
            why == nil ? .debug : .info, "REST request ended",
            [
                ("tenant", .own(tenant)), ("outcome", .string(outcome.rawValue)),
                ("status", .integer(Int(status))), ("why", .string(why ?? "")),
                ("seconds", .seconds((loop.now - began).seconds)),
            ])
    }
}

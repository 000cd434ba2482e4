import Basics
import Policies
import Transport
import WebSocket
import Wire

/// One `POST .../auth_tokens`: reads the body and answers with one of the tenant's tokens, in the
/// format that Google's SDKs expect.
final class TokenExchange: StreamDelegate, TimerOwner, LobbyGuest, Passage {
    /// A setup with its instructions and tools; anything longer is a mistake.
    private static let longestBody = 256 << 10

    private let worker: Worker
    let id: String
    private let ticket: Lobby.Ticket
    let tenant: String
    private let client: Connection
    private let head: RequestHead
    private var body: BodyReader
    private var timer: Timer?
    private var isOver = false
    /// The body has been read.
    private var isMinting = false

    /// - Parameter id: The name of its `ticket` in the lobby.
    init(
        worker: Worker, client: Connection, head: RequestHead, tenant: String, id: String,
        ticket: Lobby.Ticket
    ) {
        self.worker = worker
        self.id = id
        self.ticket = ticket
        self.tenant = tenant
        self.client = client
        self.head = head
        let framing = (try? BodyFraming(head)) ?? .length(0)
        body = BodyReader(framing, limit: Self.longestBody + 1)
    }

    func start() {
        if body.isComplete { return finish() }
        client.attend(self)
        let timer = Timer(worker.loop, owner: self)
        // The same time as for a request head.
        timer.arm(at: worker.loop.now + worker.loop.patience.request)
        self.timer = timer
        client.startStream()
    }

    func connected(_ connection: Connection) {}

    func received(_ connection: Connection, _ bytes: Span<UInt8>) {
        do throws(HeadError) {
            try body.feed(bytes)
            if body.isComplete { finish() }
        } catch {
            answer(Answer(status: 400, error: "the body's chunks are malformed"))
        }
    }

    func ended(_ connection: Connection, _ failure: ConnectionFailure?) { leave() }

    func timerFired(_ timer: Timer) {
        if isMinting { return refuse(.notKept) }
        answer(Answer(status: 408, error: "the request body did not arrive in time"))
    }

    var connections: [Connection] { isOver ? [] : [client] }
    var ownBytes: Int { body.bytes.count }
    func yield() { shownOut() }
    /// It has its clock.
    func drain() {}

    func shownOut() {
        var answer = Answer(status: 503, error: "closed to make room for others")
        answer.retryAfter = .seconds(2)
        self.answer(answer)
    }

    private func finish() {
        guard body.bytes.count <= Self.longestBody else {
            return answer(
                Answer(status: 413, error: "a token's setup has at most \(Self.longestBody) bytes"))
        }
        do throws(TokenRequest.Mistake) {
            let bytes = body.bytes
            let request = try TokenRequest.read(bytes.span)
            guard request.endUser.isEmpty || Policy.EndUsers.isName(request.endUser) else {
                throw TokenRequest.Mistake(
                    description: "endUser is one line of at most "
                        + "\(Policy.EndUsers.longestName) bytes")
            }
            mint(request)
        } catch {
            answer(Answer(status: 400, error: error.description))
        }
    }

    private func mint(_ request: TokenRequest) {
        isMinting = true
        let timer = Timer(worker.loop, owner: self)
        // PostgreSQL has its own timeout, and reports more.
        timer.arm(at: worker.loop.now + ClientTokens.patience + .seconds(1))
        self.timer = timer
        let (mailbox, id) = (worker.loop.mailbox, id)
        worker.shared.tokens.mint(request, for: tenant) { result in
            mailbox.post { loop in
                let exchange = (loop.owner as? Worker)?.guests[id] as? TokenExchange
                exchange?.minted(result)
            }
        }
    }

    private func minted(_ result: Result<String, TokenTrouble>) {
        switch result {
        case .success(let token):
            // All fields of the request are input only; the name suffices.
            answer(Answer(json: #"{"name":"\#(token)"}"#))
            worker.shared.log.write(.debug, "token minted", [("tenant", .own(tenant))])
        case .failure(.mistake(let mistake)):
            answer(Answer(status: 400, error: mistake.description))
        case .failure(.cutOff): refuse(.cutOff)
        case .failure(.notKept): refuse(.notKept)
        }
    }

    private func refuse(_ rejection: Rejection) {
        guard !isOver else { return }
        worker.note(rejection, id)
        answer(rejection.answer(id))
    }

    private func answer(_ answer: Answer) {
        guard !isOver else { return }
        client.respond(
            status: answer.status,
            headers: answer.headers + CrossOrigin.answer(to: head.headers), body: answer.body)
        leave()
    }

    private func leave() {
        isOver = true
        timer = nil
        body = BodyReader(.length(0))
        worker.guests[id] = nil
        worker.shared.lobby.leave(ticket)
        worker.remove(self)
    }
}

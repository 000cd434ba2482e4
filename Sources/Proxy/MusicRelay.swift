import Basics
import Policies
import Transport
import WebSocket

/// Music (`BidiGenerateMusic`) is not a conversation: messages are forwarded in both directions and
/// not examined.
final class MusicRelay: ConnectionDelegate {
    private let worker: Worker
    private let request: UpgradeRequest
    private let policy: Policy
    private let id = Identifier.make()
    private var client: Connection?
    private var gemini: Connection?

    init(worker: Worker, client: Connection, request: UpgradeRequest, policy: Policy) {
        self.worker = worker
        self.client = client
        self.request = request
        self.policy = policy
    }

    func start() {
        client?.limits = ConnectionLimits(
            message: policy.limits.message, buffer: policy.limits.buffer)
        let (path, query) = (
            request.target.prefix { $0 != "?" }, request.target.drop { $0 != "?" }
        )
        switch worker.dialRequest(
            path: String(path), query: String(query), headers: request.headers,
            subprotocols: request.subprotocols, policy: policy)
        {
        case .success(let dial): gemini = worker.loop.dial(dial, delegate: self)
        case .failure(let complaint):
            refuse(Answer(status: 502, error: "gemini cannot be reached: \(complaint)"))
        }
    }

    private func refuse(_ answer: Answer) {
        client?.respond(
            status: answer.status, headers: answer.headers + worker.headers(session: id),
            body: answer.body)
        client = nil
        gemini?.abandon()
        gemini = nil
    }

    func opened(_ connection: Connection, subprotocol: String?) {
        client?.accept(
            subprotocol: subprotocol ?? request.subprotocols.first,
            headers: worker.headers(session: id))
        connection.source = client
        client?.source = connection
    }

    func received(_ connection: Connection, _ message: borrowing IncomingMessage) {
        (connection === client ? gemini : client)?.forward(message)
    }

    func refused(_ connection: Connection, _ refusal: UpgradeRefusal) {
        refuse(Answer(status: refusal.status, error: "gemini refuses the upgrade"))
    }

    func failed(_ connection: Connection, _ failure: ConnectionFailure) {
        guard connection !== client else { return part(from: connection) }
        refuse(Answer(status: 502, error: "gemini cannot be reached: \(failure)"))
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        let other = connection === client ? gemini : client
        part(from: connection)
        if code == 1006 {
            other?.close(1001)
        } else {
            other?.close(code, worker.scrub(reason, of: request))
        }
    }

    private func part(from connection: Connection) {
        if connection === client {
            client = nil
            if gemini?.isOpen == false { gemini?.abandon() }
        } else {
            gemini = nil
        }
        connection.source = nil
    }

    func ponged(_ connection: Connection, roundTrip: Interval) {}
    func violated(_ connection: Connection, _ violation: Violation) {}
    func fell(_ connection: Connection, behind isBehind: Bool) {}
    func stuck(_ connection: Connection, backlog: Int) { connection.close(1013) }
    func batchEnded(_ connection: Connection) {}
}

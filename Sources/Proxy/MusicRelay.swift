import Basics
import Policies
import Transport
import WebSocket

/// Music (`BidiGenerateMusic`) is not a conversation: messages are forwarded in both directions and
/// not examined. It waits in the lobby until its first message, and then takes one of the tenant's
/// places, as sessions do.
final class MusicRelay: ConnectionDelegate, TimerOwner, LobbyGuest {
    private let worker: Worker
    private let request: UpgradeRequest
    private let policy: Policy
    private let account: Account
    private let id: String
    private var ticket: Lobby.Ticket?
    private var setupClock: Timer?
    private var isSeated = false
    private var client: Connection?
    private var gemini: Connection?

    init(
        worker: Worker, client: Connection, request: UpgradeRequest, policy: Policy,
        account: Account, id: String, ticket: Lobby.Ticket
    ) {
        self.worker = worker
        self.client = client
        self.request = request
        self.policy = policy
        self.account = account
        self.id = id
        self.ticket = ticket
    }

    private var limits: ConnectionLimits {
        ConnectionLimits(policy.limits)
    }

    func start() {
        client?.limits = limits.beforeSetup
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
        leave()
    }

    // MARK: Its place

    func timerFired(_ timer: Timer) { turnOut("no setup within client.setup") }
    func shownOut() { turnOut(Rejection(.waiting).words) }

    private func turnOut(_ words: String) {
        guard let client else { return }
        let reason = "turnkeeper: \(words) (session \(id))"
        if client.isOpen {
            client.close(1008, reason)
        } else {
            refuse(Answer(status: 503, error: reason))
        }
    }

    /// False if the tenant has no place for it.
    private func takesPlace() -> Bool {
        guard !isSeated else { return true }
        leaveLobby()
        isSeated = account.enter(limit: policy.limits.sessions)
        if isSeated {
            client?.limits = limits
        } else {
            turnOut(Rejection(.sessions).words)
        }
        return isSeated
    }

    private func leaveLobby() {
        setupClock = nil
        worker.guests[id] = nil
        if let ticket { worker.shared.lobby.leave(ticket) }
        ticket = nil
    }

    private func leave() {
        leaveLobby()
        if isSeated { account.leave() }
        isSeated = false
    }

    // MARK: The connections

    func opened(_ connection: Connection, subprotocol: String?) {
        client?.accept(
            subprotocol: subprotocol ?? request.subprotocols.first,
            headers: worker.headers(session: id))
        connection.source = client
        client?.source = connection
        let clock = Timer(worker.loop, owner: self)
        clock.arm(at: worker.loop.now + policy.client.setup)
        setupClock = clock
    }

    func received(_ connection: Connection, _ message: borrowing IncomingMessage) {
        if connection === client, !takesPlace() { return }
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
            other?.close(code, worker.scrub(reason, of: request, policy))
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
        if client == nil { leave() }
    }

    func ponged(_ connection: Connection, roundTrip: Interval) {}
    func violated(_ connection: Connection, _ violation: Violation) {}
    func fell(_ connection: Connection, behind isBehind: Bool) {}
    func stuck(_ connection: Connection, backlog: Int) { connection.close(1013) }
    func batchEnded(_ connection: Connection) {}
}

import Basics
import Policies
import Sessions
import Transport
import WebSocket
import Wire

/// Music (`BidiGenerateMusic`) is not a conversation: messages are forwarded in both directions,
/// and gemini's are examined only where its own words could quote our credential. A relay waits in
/// the lobby until its first message, and then takes one of the tenant's places, as sessions do.
final class MusicRelay: ConnectionDelegate, TimerOwner, LobbyGuest, Passage {
    let id: String
    private let worker: Worker
    private let request: UpgradeRequest
    private let policy: Policy
    private let account: Account
    private let began: Instant
    private var ticket: Lobby.Ticket?
    /// Fires when the setup is overdue, and later when `Heartbeat` wants to ping or to look.
    private var clock: Timer?
    private var isAccepted = false
    private var isSeated = false
    private var client: Connection?
    private var gemini: Connection?
    private var clientBeat: Heartbeat
    private var geminiBeat: Heartbeat

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
        began = worker.loop.now
        clientBeat = Heartbeat(policy, policy.client.ping, policy.client.dead)
        geminiBeat = Heartbeat(policy, policy.upstream.ping, policy.upstream.dead)
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
        respond(status: answer.status, answer.headers, answer.body)
    }

    private func respond(status: UInt16, _ headers: [HeaderField], _ body: [UInt8]) {
        let fields = headers + worker.headers(session: id)
        client?.respond(status: status, headers: fields, body: body)
        client = nil
        gemini?.abandon()
        gemini = nil
        leave()
    }

    // MARK: Its place

    var tenant: String { policy.tenant }
    var connections: [Connection] { [client, gemini].compactMap { $0 } }
    func heldBytes(behind connection: Connection) -> Int { heldBytes }

    func shownOut() { turnOut(Rejection(.waiting), 1013) }
    func yield() { turnOut(Rejection(.memory), 1013) }
    /// Music has no end to wait for; a client that reconnects continues elsewhere.
    func drain() { turnOut(.draining, 1001) }

    /// Closes a client that was accepted; answers one that was not.
    private func turnOut(_ rejection: Rejection, _ code: UInt16) {
        // A client that is already being closed has its reason.
        guard let client, !isAccepted || client.isOpen else { return }
        if isSeated {
            if let limit = Limit(rawValue: rejection.reason) {
                worker.count(reached: limit, policy)
            }
            worker.shared.log.write(
                .info, "music ended",
                [
                    ("session", .string(id)), ("tenant", .own(tenant)),
                    ("reason", .string(rejection.reason)), ("code", .integer(Int(code))),
                    ("seconds", .seconds((worker.loop.now - began).seconds)),
                ])
        } else {
            worker.note(rejection, id, of: nil, policy, code: isAccepted ? code : nil)
        }
        guard isAccepted else { return refuse(rejection.answer(id)) }
        client.close(code, "turnkeeper: \(rejection.words) (session \(id))")
        gemini?.close(1000)
        leavePlace()
    }

    /// False if the tenant has no place for it.
    private func takesPlace() -> Bool {
        guard !isSeated else { return true }
        leaveLobby()
        guard account.enter(limit: policy.limits.sessions) else {
            let refusal = account.refusal(limit: policy.limits.sessions)
            turnOut(refusal, refusal.code)
            return false
        }
        isSeated = true
        client?.limits = limits
        watch()
        return true
    }

    private func leaveLobby() {
        clock = nil
        worker.guests[id] = nil
        if let ticket { worker.shared.lobby.leave(ticket) }
        ticket = nil
    }

    /// The worker keeps the relay until both peers have left.
    private func leave() {
        guard client == nil else { return }
        leavePlace()
        if gemini == nil { worker.remove(self) }
    }

    /// Its place is free as soon as it has been closed, also if the client does not answer that.
    private func leavePlace() {
        leaveLobby()
        if isSeated { account.leave() }
        isSeated = false
    }

    // MARK: Its clocks

    private func watch() {
        let clock = clock ?? Timer(worker.loop, owner: self)
        let beats = [clientBeat.interval, geminiBeat.interval].compactMap { $0 }
        let end = began + policy.limits.session
        clock.arm(at: beats.min().map { min(worker.loop.now + $0, end) } ?? end)
        self.clock = clock
    }

    func timerFired(_ timer: Timer) {
        guard isSeated else { return turnOut(.silent, 1008) }
        let now = worker.loop.now
        if now >= began + policy.limits.session { return turnOut(Rejection(.session), 1008) }
        if let client, clientBeat.isOver(client, at: now) { lost(client) }
        if let gemini, geminiBeat.isOver(gemini, at: now) { lost(gemini) }
        if client != nil { watch() }
    }

    /// Ends a connection whose peer is dead: nothing is waited for.
    private func lost(_ connection: Connection) {
        connection.abandon()
        closed(connection, code: 1006, reason: "")
    }

    // MARK: The connections

    func opened(_ connection: Connection, subprotocol: String?) {
        isAccepted = true
        client?.accept(
            subprotocol: subprotocol ?? request.subprotocols.first,
            headers: worker.headers(session: id))
        connection.source = client
        client?.source = connection
        let clock = Timer(worker.loop, owner: self)
        clock.arm(at: worker.loop.now + policy.client.setup)
        self.clock = clock
    }

    func received(_ connection: Connection, _ message: borrowing IncomingMessage) {
        if connection === client {
            if takesPlace() { gemini?.forward(message) }
        } else if let bytes = worker.shared.scrubber.blanked(
            message.payload, Self.quotable(message.payload))
        {
            client?.send(bytes.span, as: message.opcode)
        } else {
            client?.forward(message)
        }
    }

    /// Where gemini may quote something. Music is content of the model's, like any other that is
    /// not known here.
    private static func quotable(_ payload: Span<UInt8>) -> ServerMessage.Quotable {
        do {
            return try ServerMessage.scan(payload).quotable
        } catch {
            return .all
        }
    }

    func refused(_ connection: Connection, _ refusal: UpgradeRefusal) {
        guard
            case .refused(let status, let type, let body, let retryAfter) = worker.told(
                refusal, id, policy)
        else { return }
        let fields = [
            body.isEmpty ? nil : HeaderField("Content-Type", type),
            retryAfter.isEmpty ? nil : HeaderField("Retry-After", retryAfter),
        ].compactMap { $0 }
        respond(
            status: UInt16(status), fields, worker.shared.scrubber.scrub(quotation: body))
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
        connection.source = nil
        if connection === client {
            client = nil
            if let connected = gemini, !connected.isOpen {
                connected.abandon()
                gemini = nil
            }
        } else {
            gemini = nil
        }
        leave()
    }

    func stuck(_ connection: Connection, backlog: Int) { connection.close(1013) }
}

/// Checks whether a peer of a music session is alive: it is pinged, and is dead after a long time
/// without a byte from it and with a ping unanswered, as in other sessions.
private struct Heartbeat {
    /// A short patience needs more frequent pings, because one must be unanswered. Nil for none.
    let interval: Interval?
    private let patience: Interval
    private let mode: Mode
    /// When the oldest ping was sent after which nothing has been received.
    private var unanswered: Instant?

    init(_ policy: Policy, _ ping: Interval, _ dead: Interval) {
        mode = policy.turns.rules[.keepalive]
        let often = min(ping, dead / 2)
        interval = mode == .off || often <= .zero ? nil : often
        patience = dead
    }

    /// Whether the peer is dead; pings it if not.
    mutating func isOver(_ peer: Connection, at now: Instant) -> Bool {
        guard interval != nil else { return false }
        let isHeard = unanswered.map { peer.lastReceived > $0 } ?? false
        // A peer that is not read cannot be heard.
        if isHeard || !peer.isReading { unanswered = nil }
        if let unanswered, now - unanswered >= patience, mode == .enforce { return true }
        if unanswered == nil { unanswered = now }
        peer.ping()
        return false
    }
}

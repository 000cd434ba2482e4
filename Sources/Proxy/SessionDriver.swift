import Basics
import CLinux
import Metrics
import Policies
import Sessions
import Transport
import VoiceDetection
import WebSocket
import Wire

/// Connects one session machine to its sockets: passes events in, performs actions. Decides nothing
/// about the conversation; whether one may begin is decided in `Worker` and `Admission`.
///
/// Lives on one worker thread and owns both sides' connections; leaves the worker's table when both
/// are gone.
final class SessionDriver: ConnectionDelegate, TimerOwner {
    let id: String
    /// The client gets it together with the id (which appears in logs), and needs it to return.
    let secret: String
    let worker: Worker
    let request: UpgradeRequest
    /// The tenant's policy, as of the last reload.
    private(set) var tenantPolicy: Boxed<Policy>
    /// It has left its worker.
    private(set) var isOver = false
    var session: Session
    /// Where other nodes find the conversation.
    var place: SharedPlace?
    /// A claim that waits for another node.
    var heldClaim: HeldClaim?
    /// Set while the session goes on although another node has claimed its conversation.
    var doubt: Timer?
    /// Sessions of this node, one of which will continue the conversation when this one is over.
    var successors: [Successor] = []
    /// The session is over, and the others know.
    var hasLeft = false
    /// The memory with which to continue it, until its client can return to it.
    var unoffered: Memory?
    var client: Connection?
    /// The current gemini connection, and its number.
    private(set) var gemini: Connection?
    private var link: ConnectionID = 0
    /// Gemini connections that are being opened or closed.
    private var others: [(connection: Connection, link: ConnectionID)] = []
    private var timer: Timer?
    let observer: SessionObserver
    /// Present if the policy records sessions.
    private let recording: SessionRecording?
    private var ear = AudioAnalyzer()
    let account: Account
    /// If the client came with a token: what the token permits.
    let grant: Grant?
    var isBegun = false
    /// How the token was counted at the upgrade.
    var pass: Grant.Pass?
    private var expiry: Timer?
    /// Set while a use of its token is being written down.
    var writtenUse: WrittenUse?
    var arrival: Arrival
    /// The place in the lobby, until the setup arrives.
    var ticket: Lobby.Ticket?
    var setupClock: Timer?
    /// Set while the setup waits for a place: when it is looked for next, and until when.
    var placeWait: (timer: Timer, until: Instant)?
    /// Gemini was dialed before the setup arrived.
    var isDialed = false
    var quotaClock: QuotaClock?
    /// Empty if no end user is named.
    let endUser: String
    /// It has taken one of the tenant's places.
    var isSeated = false
    var hasLeftPlace = false
    /// A peer has been told to close; asked with every message, unlike the session.
    var isEnding = false
    /// At its end, its place is left to the session that continues its conversation.
    var handsOver: Bool { isSeated && place?.goesElsewhere ?? false }
    /// Gemini's choice among the client's subprotocols.
    var subprotocol: String?
    private var isStepping = false
    /// Events that arrived while actions were being performed; processed afterwards.
    private var waiting: [(event: Event, payload: [UInt8]?)] = []

    init(
        _ applicant: Applicant, worker: Worker, client: Connection, profiles: Profiles,
        arrival: Arrival
    ) {
        self.arrival = arrival
        self.worker = worker
        self.client = client
        id = applicant.id
        endUser = applicant.endUser
        request = applicant.request
        tenantPolicy = applicant.policy
        account = applicant.account
        grant = applicant.grant
        pass = applicant.pass
        let (id, grant, policy) = (applicant.id, applicant.grant, applicant.policy.value)
        let random = Identifier.secret()
        secret =
            grant.map { "\(random).\(worker.shared.tokens.seal(id, random, under: $0))" } ?? random
        session = Session(
            id: id, policy: tenantPolicy, profiles: profiles,
            handle: ClientHandle.make(session: id, secret: secret),
            belongsTo: request.headers.first("x-turnkeeper-session") ?? "",
            // Our own tokens are resolved here, so their setup is known.
            isSetupLocked: grant == nil && applicant.isConstrained,
            opensOnce: grant == nil && policy.upstream.passesOwnCredentials
                && Credential.mayOpenOnce(request.target, request.headers),
            isShared: worker.shared.conversations != nil)
        observer = SessionObserver(
            id: id, policy: policy, account: applicant.account, endUser: applicant.endUser,
            worker: worker)
        recording = worker.shared.recordings.begin(id, policy, profiles, at: worker.loop.now)
    }

    var name: String { "\(id).\(secret)" }
    var policy: Policy { @inline(__always) _read { yield tenantPolicy.value } }

    func start() {
        // Nothing more is read until gemini is connected.
        if case .waiting = arrival { client?.pause() }
        // A use in PostgreSQL has been counted already.
        guard let grant, !grant.isShared else { return begin() }
        let (mailbox, id) = (worker.loop.mailbox, id)
        pass = worker.shared.tokens.begin(grant) { isKept in
            Self.post(to: mailbox, session: id) { $0?.useWritten(isKept ? .kept : .notKept) }
        }
        // Other sessions have used it up since the check.
        guard pass != nil else { return begin() }
        awaitBooks(for: .upgrade)
    }

    /// The use is not on disk: nothing begins, gemini is not dialed, and the use is given back.
    func turnAway(_ rejection: Rejection) {
        guard let client else { return }
        // The client was to be turned away and has returned: its upgrade has been answered.
        guard !client.isOpen else { return handle(.limitReached(.tokenRecord)) }
        client.delegate = nil
        self.client = nil
        worker.reject(client, request.headers, rejection, policy)
        // For the machine, the client has left before anything began.
        handle(.clientClosed(.abnormal))
    }

    func begin() {
        guard client != nil else { return }
        timer = Timer(worker.loop, owner: self)
        if let grant {
            let left = grant.expires - WallTime(nanoseconds: tk_wall())
            expiry = Timer(worker.loop, owner: self)
            expiry?.arm(at: worker.loop.now + left)
        }
        switch arrival {
        case .undialed: accept()
        case .waiting: enter()
        case .dialing, .settled: handle(.opened)
        }
    }

    func timerFired(_ timer: Timer) {
        if timer === expiry {
            handle(.limitReached(.tokenExpiry))
        } else if timer === setupClock {
            handle(.limitReached(.setup))
        } else if timer === placeWait?.timer {
            enter()
        } else if timer === writtenUse?.clock {
            useWritten(.notKept)
        } else if timer === heldClaim?.timer {
            resumeClaim()
        } else if timer === doubt {
            moveAway()
        } else if let due = session.deadline, due > worker.loop.now {
            // Audio has postponed it since.
            timer.arm(at: due)
        } else {
            observer.learn(tenantPolicy, at: worker.loop.now)
            if let clocks = observer.takeLearned() { handle(.learned(clocks)) }
            if let client, client.isOpen, !client.isReading { handle(.clientUnread) }
            handle(.wokeUp)
        }
    }

    /// Adopts the tenant's new policy.
    func renewPolicy(_ renewals: PolicyRenewals) {
        guard let renewal = renewals.renewal(of: tenantPolicy) else { return }
        let older = tenantPolicy
        tenantPolicy = renewal.policy
        if renewal.changesConversations || !session.exchange(older, for: tenantPolicy) {
            handle(.policyChanged(tenantPolicy))
        }
        if let limit = observer.exhausted(tenantPolicy) { handle(.limitReached(limit)) }
    }

    func drain(by deadline: Instant) { handle(.drained(by: deadline)) }

    // MARK: Messages

    func received(_ connection: Connection, _ message: borrowing IncomingMessage) {
        let opcode: Opcode = message.opcode == .text ? .text : .binary
        let event: Event
        if connection === client {
            do {
                var scanned = try ClientMessage.scan(message.payload)
                if case let extent = session.wantsVoicing, extent > .nothing {
                    scanned.voicing = ear.listen(
                        to: scanned, in: message.payload, extent: extent)
                }
                observer.count(scanned, bytes: message.payload.count)
                if !isSettled, !arrive(scanned, message, opcode) { return }
                if isDecidedByToken(scanned, message.payload, opcode) { return }
                event = .clientSent(scanned, opcode)
            } catch {
                if isLockedOut(error, opcode) || waits(message.payload, opcode) { return }
                event = .clientSentMalformed(error, opcode)
            }
        } else if connection === gemini {
            let quotable: ServerMessage.Quotable
            do {
                let scanned = try ServerMessage.scan(
                    message.payload, usage: &worker.actions.scanned)
                worker.actions.isScanned = scanned.members.contains(.usageMetadata)
                observer.count(scanned, bytes: message.payload.count)
                event = .geminiSent(scanned, opcode, link)
                quotable = scanned.quotable
            } catch {
                event = .geminiSentMalformed(error, opcode, link)
                quotable = .all
            }
            if quotable != .nothing,
                let bytes = worker.shared.scrubber.blanked(message.payload, quotable)
            {
                worker.actions.isScanned = false
                return handle(event, payload: bytes)
            }
        } else {
            return
        }
        step(event, message.payload) { forward(message, from: connection) }
        finishStep()
    }

    @inline(__always)
    private func forward(_ message: borrowing IncomingMessage, from connection: Connection) {
        let isClients = connection === client
        (isClients ? gemini : client)?.forward(message)
        observer.countSent(isClients ? .gemini : .client, bytes: message.payload.count)
    }

    func batchEnded(_ connection: Connection) {
        observer.countHeld(bySession: session.heldAfterEvent)
        if session.mayBeDueSooner { rearm() }
        observer.batchEnded(since: worker.loop.now)
    }

    // MARK: Everything else

    /// Handles an event outside a batch of messages, at whose end `batchEnded` looks at the
    /// deadline and at what is held.
    ///
    /// - Parameter payload: Its message, if it brings one: it was kept, or had to be changed.
    func handle(_ event: Event, payload: [UInt8]? = nil) {
        guard !isStepping else {
            waiting.append((event, payload))
            return
        }
        let bytes = payload ?? []
        step(event, bytes.span) { forward(payload, of: event) }
        observer.countHeld(bySession: session.heldAfterEvent)
        finishStep()
        rearm()
    }

    private func forward(_ payload: [UInt8]?, of event: Event) {
        guard let payload else { return }
        switch event {
        case .clientSent(_, let opcode), .clientSentMalformed(_, let opcode):
            perform(.send(.gemini, payload, opcode))
        case .geminiSent(_, let opcode, _), .geminiSentMalformed(_, let opcode, _):
            perform(.send(.client, payload, opcode))
        default: break
        }
    }

    /// Hands one event to the machine and performs its actions; `finishStep` follows.
    ///
    /// - Parameter forward: Sends the event's message on as it came.
    @inline(__always)
    private func step(_ event: Event, _ payload: Span<UInt8>, forward: () -> Void) {
        assert(!isStepping, "a message arrived while another was handled")
        isStepping = true
        let now = worker.loop.now
        session.handle(event, payload: payload, at: now, into: &worker.actions)
        recording?.record(event, payload, worker.actions, at: now)
        // As for nearly every message.
        if worker.actions.isForward { return forward() }
        for index in 0..<worker.actions.count {
            switch worker.actions.take(index) {
            case .forward: forward()
            case .note(let fact):
                observer.note(fact, payload: payload, policy: tenantPolicy, at: now)
            case let action: perform(action)
            }
        }
    }

    private func finishStep() {
        worker.actions.removeAll()
        isStepping = false
        if let limit = observer.takeExhausted(tenantPolicy, at: worker.loop.now) {
            waiting.append((.limitReached(limit), nil))
        }
        if let clocks = observer.takeLearned() { waiting.append((.learned(clocks), nil)) }
        while !waiting.isEmpty, !isStepping {
            let next = waiting.removeFirst()
            handle(next.event, payload: next.payload)
        }
        if isEnding, session.isOver { leavePlace() }
        // A parked session may wait for a new connection to gemini without having any.
        if client == nil, gemini == nil, others.isEmpty, !session.isParked, worker.remove(self) {
            isOver = true
            observer.forgetHeld()
            leaveLobby()
            forgetPlace()
            quotaClock = nil
            leavePlace()
            if let grant, let pass, !isBegun { worker.shared.tokens.giveBack(grant, pass) }
            recording?.end()
        }
    }

    private func perform(_ action: Action) {
        switch action {
        case .forward, .note: break
        case .send(let peer, let bytes, let opcode):
            let connection = peer == .client ? client : gemini
            connection?.send(bytes.span, as: opcode == .text ? .text : .binary)
            observer.countSent(peer, bytes: bytes.count)
        case .dial(let link): dial(link)
        case .use(let link): use(link)
        case .drop(let link): drop(link)
        case .accept: accept()
        case .refuse(let refusal):
            refuse(refusal)
        case .ping(let peer):
            (peer == .client ? client : gemini)?.ping()
        case .pause(let peer):
            (peer == .client ? client : gemini)?.pause()
        case .resume(let peer):
            (peer == .client ? client : gemini)?.resume()
        case .limit(let limits):
            let bounds = ConnectionLimits(message: limits.message, buffer: limits.buffer)
            client?.limits = isSeated ? bounds : bounds.beforeSetup
            gemini?.limits = bounds
        case .choose(let model):
            let chosen = worker.shared.models.choose(model, for: id, policy, at: worker.loop.now)
            // Before any other waiting event, as the machine expects.
            waiting.insert((.chosen(model: chosen), nil), at: 0)
        case .close(let peer, let close): if !holdsFarewell(peer, close) { end(peer, close) }
        case .recall, .offer, .keep, .retire:
            perform(returning: action)
        }
    }

    private func dial(_ link: ConnectionID) {
        let target = request.target
        let query = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        switch worker.dialRequest(
            path: String(target[..<query]), query: String(target[query...]),
            headers: request.headers, subprotocols: request.subprotocols, policy: policy)
        {
        case .success(var dial):
            dial.mustAcknowledge = policy.replacesDeadConnections
            if link == 1, policy.upstream.warm > 0,
                let ready = worker.takeWarm(dial, tenantPolicy)
            {
                ready.connection.delegate = self
                others.append((ready.connection, link))
                subprotocol = ready.subprotocol
                return handle(.dialed(link, isWarm: true))
            }
            if Descriptors.areForSessions { _ = worker.giveWay(2) }
            others.append((worker.loop.dial(dial, delegate: self), link))
        case .failure(let mistake):
            handle(.dialFailed(link, .unreachable(mistake.description)))
        }
    }

    private func use(_ link: ConnectionID) {
        if let old = gemini {
            old.source = nil
            others.append((old, self.link))
        }
        gemini = detach(link)
        self.link = link
        // Each side is slowed down by what the other does not read.
        gemini?.source = client
        client?.source = gemini
    }

    private func drop(_ link: ConnectionID) { detach(link)?.abandon() }

    /// Removes the connection from the others, if it is among them.
    private func detach(_ link: ConnectionID) -> Connection? {
        guard let index = others.firstIndex(where: { $0.link == link }) else { return nil }
        return others.remove(at: index).connection
    }

    func accept() {
        if client?.isOpen == true { return arrivedAtGemini() }
        client?.accept(
            subprotocol: subprotocol ?? request.subprotocols.first,
            headers: worker.headers(session: name))
        awaitSetup()
    }

    private func refuse(_ refusal: Sessions.Refusal) {
        if client?.isOpen == true { return end(.client, refusal.close) }
        var headers = worker.headers(session: id)
        headers.append(
            contentsOf: [
                HeaderField("Content-Type", refusal.contentType),
                refusal.retryAfter.isEmpty ? nil : HeaderField("Retry-After", refusal.retryAfter),
            ].compactMap { $0 })
        client?.respond(
            status: UInt16(refusal.status), headers: headers,
            body: worker.shared.scrubber.scrub(quotation: refusal.body))
        client = nil
    }

    func forget(_ connection: Connection) {
        if connection === client { client = nil }
        if connection === gemini { gemini = nil }
        others.removeAll { $0.connection === connection }
    }

    /// The number of a gemini connection; `nil` for the client's, and for unknown ones.
    func number(of connection: Connection) -> ConnectionID? {
        if connection === gemini { return link }
        return others.first { $0.connection === connection }?.link
    }

    private func rearm() { timer?.arm(at: session.deadline ?? .distantFuture) }
}

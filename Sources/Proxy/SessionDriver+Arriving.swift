import Basics
import Policies
import Sessions
import Transport
import WebSocket
import Wire

/// A client that has been identified, and has no session yet.
struct Applicant {
    let id: String
    let request: UpgradeRequest
    /// A client's token may contain the effective setup.
    let isConstrained: Bool
    let policy: Boxed<Policy>
    let account: Account
    /// If the client came with a token: what it permits, and how its use was counted, if it was.
    let grant: Grant?
    let pass: Grant.Pass?
    /// Empty if no end user is named.
    let endUser: String
}

/// The progress of a client.
enum Arrival {
    /// It has presented a credential, so gemini is dialed before its setup arrives.
    case dialing
    /// It has presented no credential, or a used-up token, and ours would be used: gemini is dialed
    /// only when its setup arrives.
    case undialed
    /// Its setup has arrived, and waits for a place of its tenant's, or for gemini, which is dialed
    /// for it; messages read along with it wait.
    case waiting([(bytes: [UInt8], opcode: Opcode)])
    /// It has sent a setup, and its tenant has a place for it, or its conversation may have one.
    case settled
}

// From the upgrade to the setup: limits what a connection may cost until it says what it wants.
extension SessionDriver: LobbyGuest {
    func shownOut() { handle(.limitReached(isSettled ? .sessions : .waiting)) }

    var isSettled: Bool {
        if case .settled = arrival { true } else { false }
    }

    /// Called at the 101: from then on the setup is awaited.
    func awaitSetup() {
        guard !isSettled else { return }
        let clock = Timer(worker.loop, owner: self)
        clock.arm(at: worker.loop.now + policy.client.setup)
        setupClock = clock
    }

    /// Whether a token fixes the client's message completely.
    func isDecidedByToken(
        _ scanned: ClientMessage, _ payload: Span<UInt8>, _ opcode: Opcode
    ) -> Bool {
        guard scanned.members != .realtimeInput, let grant else { return false }
        if grant.lock.forbids(scanned, in: payload) {
            handle(.limitReached(.tokenLock))
        } else if scanned.members.contains(.setup) {
            receivedSetup(payload, grant, opcode)
        } else {
            return false
        }
        return true
    }

    /// Whether a token's lock stops a message that is unreadable or ambiguous. The service might
    /// read it nevertheless, so it must not pass even if sessions are only observed. Otherwise the
    /// message itself has already ended the session, with a reason of its own.
    func isLockedOut(_ error: Malformed, _ opcode: Opcode) -> Bool {
        guard let grant, !grant.lock.isEmpty else { return false }
        handle(.clientSentMalformed(error, opcode))
        handle(.limitReached(.tokenLock))
        return true
    }

    /// Replaces a setup that came with a token as the token specifies.
    private func receivedSetup(_ payload: Span<UInt8>, _ grant: Grant, _ opcode: Opcode) {
        do {
            if let limit = try obstacle(to: payload, under: grant) {
                return handle(.limitReached(limit))
            }
            let bytes = try grant.lock.apply(to: payload)
            let event = Event.clientSent(try ClientMessage.scan(bytes.span), opcode)
            handle(event, payload: bytes)
        } catch {
            if isLockedOut(error, opcode) { return }
            handle(.clientSentMalformed(error, opcode), payload: [UInt8](copying: payload))
        }
    }

    /// Handles a message of a client that has not fully arrived. False if the message was kept, or
    /// was the client's last.
    func arrive(
        _ scanned: ClientMessage, _ message: borrowing IncomingMessage, _ opcode: Opcode
    ) -> Bool {
        switch arrival {
        case .settled: return true
        case .dialing, .undialed:
            // The machine keeps earlier messages.
            guard scanned.members.contains(.setup) else { return true }
            if case .dialing = arrival {
                isDialed = true
                guard !settle(message.payload) else {
                    arrival = .settled
                    return true
                }
            }
            arrival = .waiting([])
            _ = waits(message.payload, opcode)
            client?.pause()
            enter()
            return false
        case .waiting: return !waits(message.payload, opcode)
        }
    }

    /// Whether a message must wait with the setup that it follows. Such messages come from one
    /// read; nothing more is read until then.
    func waits(_ payload: Span<UInt8>, _ opcode: Opcode) -> Bool {
        guard case .waiting(var kept) = arrival else { return false }
        // So that the list is not copied for each message.
        arrival = .waiting([])
        kept.append(([UInt8](copying: payload), opcode))
        arrival = .waiting(kept)
        return true
    }

    /// Goes on with the waiting setup, if that may begin or resume something.
    func enter() {
        guard client != nil, case .waiting(let kept) = arrival, let setup = kept.first else {
            return
        }
        // Under a token that is used up nothing begins, so no place is taken for it.
        if grant != nil, pass == nil {
            leaveLobby()
            return _ = permits(setup.bytes.span, setup.opcode)
        }
        guard settle(setup.bytes.span) else { return awaitPlace() }
        placeWait = nil
        if isDialed { return arrivedAtGemini() }
        if permits(setup.bytes.span, setup.opcode) { handle(.opened) }
    }

    /// The setup has arrived: moves the session from the lobby to one of the tenant's places, if
    /// there is one. If there is none, a returning client stays in the lobby until its conversation
    /// is found, which may have a place.
    private func settle(_ setup: Span<UInt8>) -> Bool {
        setupClock = nil
        // The client was already counted as wanting a place.
        let mayTake = placeWait == nil || account.hasRoomNow(limit: policy.limits.sessions)
        return mayTake && takesPlace(ofConversation: false)
            || Self.comesBack(setup, request.headers)
    }

    /// A place was free at the upgrade, but other clients have taken it: other nodes may give one
    /// up within a second or two.
    private func awaitPlace() {
        let now = worker.loop.now
        let wait = placeWait ?? (Timer(worker.loop, owner: self), now + Worker.untilPlacesHaveMoved)
        guard account.hasRoomElsewhere(limit: policy.limits.sessions) else {
            leaveLobby()
            return handle(.limitReached(.sessions))
        }
        // No place moves to a node that is cut off.
        guard now < wait.until, !worker.shared.accounts.isCutOff else { return leave(.elsewhere) }
        wait.timer.arm(at: min(wait.until, now + TurnedAway.pause))
        placeWait = wait
    }

    /// For the machine, the client has left before anything began.
    func leave(_ rejection: Rejection) {
        guard let client else { return }
        worker.count(rejection, code: rejection.code, policy)
        worker.log(
            rejection, id, worker.address(of: client, request.headers), code: rejection.code, policy
        )
        client.delegate = nil
        self.client = nil
        client.resume()
        client.close(rejection.code, "turnkeeper: \(rejection.words) (session \(id))")
        leaveLobby()
        handle(.clientClosed(.abnormal))
    }

    /// - Parameter hasOne: Its conversation has a place already.
    /// - Returns: Whether it has a place.
    func takesPlace(ofConversation hasOne: Bool) -> Bool {
        guard !isSeated else { return true }
        guard account.enter(limit: policy.limits.sessions, ofConversation: hasOne) else {
            return false
        }
        isSeated = true
        leaveLobby()
        if !endUser.isEmpty { quotaClock = QuotaClock(self) }
        client?.limits = ConnectionLimits(policy.limits)
        return true
    }

    /// Once nothing more will happen: a client that does not answer its close keeps nobody out.
    func leavePlace() {
        guard isSeated, !hasLeftPlace else { return }
        hasLeftPlace = true
        account.leave(isMoving: handsOver)
    }

    /// Whether a setup continues one of our conversations.
    static func comesBack(_ setup: Span<UInt8>, _ headers: HeaderFields) -> Bool {
        if case .present(let range) = (try? Setup.read(setup))?.handle {
            return ClientHandle.name(in: JSONText.unescape(setup, range, limit: 512)) != nil
        }
        return headers.first("x-turnkeeper-session") != nil
    }

    /// Counts the session of the setup, once; returns what prevents it.
    func obstacle(to setup: Span<UInt8>, under grant: Grant) throws(Malformed) -> Limit? {
        guard !isBegun else { return nil }
        isBegun = true
        let isResumption = try resumes(setup, grant)
        guard let pass else { return .tokenUses }
        return worker.shared.tokens.settle(grant, pass, resuming: isResumption)
    }

    /// Whether the token lets the setup begin or resume something; gemini is not dialed for others.
    private func permits(_ setup: Span<UInt8>, _ opcode: Opcode) -> Bool {
        guard let grant else { return true }
        do {
            guard let limit = try obstacle(to: setup, under: grant) else { return true }
            handle(.limitReached(limit))
        } catch {
            if !isLockedOut(error, opcode) {
                handle(.clientSentMalformed(error, opcode))
                // If the session is only observed, it is still open, but its use of the token was
                // not counted.
                handle(.limitReached(.tokenUses))
            }
        }
        return false
    }

    /// Whether a client with a token resumes what it began with that token.
    func resumes(_ setup: Span<UInt8>, _ grant: Grant) throws(Malformed) -> Bool {
        let tokens = worker.shared.tokens
        if case .present(let range) = try Setup.read(setup).handle {
            let handle = JSONText.unescape(setup, range, limit: 512)
            // Gemini must judge any other handle, which may begin a conversation there.
            guard let name = ClientHandle.name(in: handle) else { return false }
            return tokens.hasIssued(name, under: grant)
        }
        guard let name = request.headers.first("x-turnkeeper-session") else { return false }
        return tokens.hasIssued(name, under: grant)
    }

    func leaveLobby() {
        setupClock = nil
        if let ticket { worker.shared.lobby.leave(ticket) }
        ticket = nil
    }

    /// Gemini is connected for an admitted client: processes kept messages now.
    func arrivedAtGemini() {
        later { driver in
            guard driver.placeWait == nil, case .waiting(let kept) = driver.arrival else { return }
            driver.arrival = .settled
            for (bytes, opcode) in kept { driver.replay(bytes, opcode) }
            driver.client?.resume()
        }
    }

    /// Handles a message that was kept, or that followed the setup with which the client came back.
    func replay(_ bytes: [UInt8], _ opcode: Opcode) {
        do {
            let scanned = try ClientMessage.scan(bytes.span)
            if isDecidedByToken(scanned, bytes.span, opcode) { return }
            handle(.clientSent(scanned, opcode), payload: bytes)
        } catch {
            if isLockedOut(error, opcode) { return }
            handle(.clientSentMalformed(error, opcode), payload: bytes)
        }
    }
}

extension ConnectionLimits {
    init(_ limits: Policy.Limits) { self.init(message: limits.message, buffer: limits.buffer) }

    /// What a connection without a setup may hold.
    var beforeSetup: ConnectionLimits {
        ConnectionLimits(
            message: min(message, Policy.Limits.beforeSetup),
            buffer: min(buffer, Policy.Limits.beforeSetup))
    }
}

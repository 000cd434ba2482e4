import Basics
import Metrics
import Policies
import Transport
import WebSocket

// Clients that are refused.
extension Worker {
    /// Refuses an upgrade in a way that shows the client why. Clients for whom the lobby has no
    /// room get an HTTP answer at once.
    /// - Parameter applicant: Goes on after all if it returns to a conversation, which may have one
    ///   of its tenant's places, or, if nodes share places, if one becomes free soon.
    func turnAway(
        _ connection: Connection, _ request: UpgradeRequest, _ rejection: Rejection,
        _ policy: Policy? = nil, unlessBack applicant: Applicant? = nil
    ) {
        let id = applicant?.id ?? Identifier.make()
        let address = address(of: connection, request.headers)
        // If another node could serve the client, a balancer must see the refusal, unless waiting
        // helps.
        let mayWait = applicant != nil && shared.node != nil && !shared.accounts.isCutOff
        let isForBalancer = rejection.status == 503 && !mayWait
        guard rejection.code > 0, !isForBalancer, !shared.memory.isShort, !Descriptors.areShort,
            let ticket = enterLobby(id, address, policy, applicant?.grant)
        else { return reject(connection, request.headers, rejection, policy) }
        let guest = TurnedAway(
            connection, on: loop, code: rejection.code,
            reason: "turnkeeper: \(rejection.words) (session \(id))")
        guest.onRefusal = { [weak self] in
            self?.count(rejection, code: rejection.code, policy)
            self?.log(rejection, id, address, code: rejection.code, policy)
        }
        guest.onLeaving = { [weak self] in
            self?.guests[id] = nil
            self?.shared.lobby.leave(ticket)
            if let applicant { self?.giveBack(applicant) }
        }
        if let applicant {
            if mayWait { guest.patience = Self.untilPlacesHaveMoved }
            guest.isDraining = { [weak self] in self?.shared.isDraining ?? true }
            let limit = applicant.policy.value.limits.sessions
            // What its setup says does not change while it waits.
            var comesBack: Bool?
            guest.goesOn = { [weak self] kept in
                guard let self else { return false }
                if comesBack == nil {
                    let setup = kept[0].bytes
                    comesBack = SessionDriver.comesBack(setup.span, request.headers)
                }
                guard comesBack == true || applicant.account.hasRoomNow(limit: limit),
                    mayStart(address, applicant)
                else { return false }
                guests[id] = nil
                begin(connection, applicant, ticket, .waiting(kept))
                return true
            }
        }
        guests[id] = guest
        connection.delegate = guest
        connection.limits =
            applicant.map { ConnectionLimits($0.policy.value.limits).beforeSetup }
            ?? TurnedAway.limits
        connection.accept(
            subprotocol: request.subprotocols.first, headers: headers(session: id))
    }

    /// Twice a second, nodes redistribute unused places; a place given up reaches another node one
    /// round later.
    static let untilPlacesHaveMoved = Interval.seconds(3)

    /// Any other request, and refusals that a balancer should see.
    func reject(
        _ connection: Connection, _ asked: HeaderFields, _ rejection: Rejection,
        _ policy: Policy? = nil, _ fields: [HeaderField] = []
    ) {
        let id = Identifier.make()
        let client = address(of: connection, asked)
        note(rejection, id, of: client, policy)
        answer(connection, rejection.answer(id), headers(session: id) + fields)
    }

    /// Counts and logs a refusal.
    /// - Parameter code: Absent if it is answered with the status.
    func note(
        _ rejection: Rejection, _ id: String, of client: SocketAddress? = nil,
        _ policy: Policy? = nil, code: UInt16? = nil
    ) {
        let code = code ?? rejection.status
        count(rejection, code: code, policy)
        log(rejection, id, client, code: code, policy)
    }

    /// Counts a limit that ended something other than a session.
    func count(reached limit: Limit, _ policy: Policy) {
        shard.increment(shard.series(.limits, [policy.tenant, "unknown", limit.rawValue]))
    }

    /// The client's address, even behind one of our balancers.
    func address(of connection: Connection, _ headers: HeaderFields) -> SocketAddress? {
        connection.peerAddress?.client(
            behind: shared.balancers, forwardedFor: headers.all("x-forwarded-for").map(\.text))
    }

    /// The headers of every answer that belongs to a session.
    func headers(session name: String) -> [HeaderField] {
        [HeaderField("x-turnkeeper-session", name)].compactMap { $0 }
    }

    func count(_ rejection: Rejection, code: UInt16, _ policy: Policy?) {
        shard.increment(shard.series(.refusals, [String(code), rejection.reason]))
        if let policy, Limit(rawValue: rejection.reason) != nil {
            shard.increment(shard.series(.limits, [policy.tenant, "unknown", rejection.reason]))
        }
    }

    func log(
        _ rejection: Rejection, _ id: String, _ client: SocketAddress?, code: UInt16,
        _ policy: Policy?
    ) {
        guard
            let untold = refusalsTold[rejection.reason, default: Allowance()].take(at: loop.now)
        else { return }
        var fields: [(String, Log.Value)] = [
            ("session", .string(id)), ("tenant", .own(policy?.tenant ?? "")),
            ("reason", .string(rejection.reason)), ("code", .integer(Int(code))),
            ("client", .string(client.map { "\($0)" } ?? "")),
        ]
        if untold > 0 { fields.append(("others_not_logged", .integer(untold))) }
        shared.log.write(.info, "session refused", fields)
    }
}

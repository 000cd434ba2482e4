import Basics
import CLinux
import Metrics
import Policies
import Sessions
import Sharing
import Transport
import WebSocket

/// One thread's share of the proxy: its loop, its listener's clients, its sessions. Other threads
/// reach it through the loop's mailbox.
final class Worker: Acceptor {
    let loop: EventLoop
    let shared: Shared
    var policySnapshot: PolicySnapshot
    /// Storage for the actions of the current event, reused.
    var actions = Actions()
    var shard = Shard()
    var models = ModelLabels()
    private var listeners: [Listener] = []
    private var security: ListenerSecurity
    /// All sessions, by id.
    private var drivers: [String: SessionDriver] = [:]
    /// Rounds of all sessions that have not ended, one after another.
    private var rounds: [Round] = []
    /// What is passed on without being a session, by id.
    var passages: [String: any Passage] = [:]
    /// The part of the gauges that they account for, in bytes.
    var countedPassages: [SeriesID: Int] = [:]
    /// Present once a session's policy has asked for it.
    var warm: WarmConnections?
    private var drainBy: Instant?
    var isDraining: Bool { drainBy != nil }
    /// Connections in the lobby that are neither in `drivers` nor in `passages`, by id.
    var guests: [String: any LobbyGuest] = [:]
    /// Limits the log lines about refusals, by reason: a client that tries keys or scans ports
    /// would fill the disk. The metric counts all.
    var refusalsTold: [String: Allowance] = [:]

    /// Its index among the workers, as used in metrics.
    private let index: Int

    private init(
        _ index: Int, loop: EventLoop, shared: Shared, policySnapshot: PolicySnapshot,
        _ security: ListenerSecurity
    ) {
        self.security = security
        self.index = index
        self.loop = loop
        self.shared = shared
        self.policySnapshot = policySnapshot
        reloaded(true)
        prepareMetrics()
    }

    /// A series that begins with its first count hides that count from every rate. One worker's
    /// zeros suffice.
    private func prepareMetrics() {
        guard index == 0 else { return }
        for tenant in policySnapshot.policies.all {
            models.prepare(tenant.policy, &shard)
            for outcome in RESTExchange.Outcome.allCases where tenant.policy.upstream.passesREST {
                _ = shard.series(.restRequests, [tenant.policy.tenant, "", outcome.rawValue])
            }
            for outcome in WarmConnections.Outcome.allCases where tenant.policy.upstream.warm > 0 {
                _ = shard.series(.warm, [tenant.policy.tenant, "", outcome.rawValue])
            }
        }
        for labels in Rejection.expected { _ = shard.series(.refusals, labels) }
    }

    /// The main function of a worker's thread.
    static func run(
        _ index: Int, _ mailbox: Mailbox, _ sockets: [ListeningSocket],
        _ security: ListenerSecurity,
        _ shared: Shared, _ policySnapshot: PolicySnapshot, _ started: StartReports
    ) {
        do throws(SystemError) {
            let loop = try EventLoop(mailbox: mailbox)
            let worker = Worker(
                index, loop: loop, shared: shared, policySnapshot: policySnapshot, security)
            loop.owner = worker
            loop.patience = shared.patience
            loop.standstill = shared.conversations.map { conversations in
                Standstill(every: Rounds.margin) { conversations.hearWhatMoved(since: $0) }
            }
            for socket in sockets { try worker.accept(on: socket) }
            started.report(nil)
            loop.run()
        } catch {
            started.report("turnkeeper: \(error)")
        }
    }

    var sessions: [SessionDriver] { Array(drivers.values) }

    // MARK: Clients

    func requested(_ connection: Connection, _ request: IncomingRequest) {
        switch request {
        case .upgrade(let upgrade):
            if let twice = Credential.ambiguity(upgrade.headers) {
                return reject(connection, upgrade.headers, .twice(twice))
            }
            switch Route(upgrade.target) {
            case .live(let path): admit(connection, upgrade, path)
            case .ambiguous: reject(connection, upgrade.headers, .path)
            case .rest, .health, .readiness, .root, .unknown:
                reject(connection, upgrade.headers, .unknown)
            }
        case .plain(let head, let error):
            if let twice = Credential.ambiguity(head.headers) {
                return reject(connection, head.headers, .twice(twice))
            }
            switch Route(head.target) {
            case .live where head.method == "OPTIONS": preflight(connection, head)
            case .live: reject(connection, head.headers, Rejection(error))
            case .rest(let path): exchange(connection, head, path)
            case .ambiguous: reject(connection, head.headers, .path)
            // The default request of HAProxy's `option httpchk`.
            case .root where head.method == "OPTIONS":
                answer(connection, .readiness(isDraining: isDraining))
            case .readiness: answer(connection, .readiness(isDraining: isDraining))
            case .health: answer(connection, .health)
            case .root, .unknown: reject(connection, head.headers, .unknown)
            }
        }
    }

    func malformed(_ connection: Connection, _ error: HeadError) {
        reject(connection, HeaderFields(), Rejection(error))
    }

    func dismissed(_ connection: Connection, _ failure: ConnectionFailure) {
        shared.log.write(
            .debug, "client left before a session", [("why", .string(failure.description))])
    }

    /// Why nothing new can begin for a tenant. Silent connections and those in the lobby are closed
    /// first.
    func shortage(of tenant: String?) -> Limit? {
        if shared.memory.refuses(tenant) { return .memory }
        guard Descriptors.areShort else { return nil }
        // Their descriptors come back a little later.
        let hadWarm = warm.map { $0.drop() > 0 } ?? false
        let gaveWay = hadWarm || loop.giveWay(2) > 0 || shared.lobby.giveWay(2) > 0
        return gaveWay && !Descriptors.areForSessions ? nil : .waiting
    }

    func giveWay(_ most: Int) -> Int {
        if let warm, case let count = warm.drop(), count > 0 { return count }
        // Otherwise there are only too many silent connections.
        let guests = Descriptors.areShort ? shared.lobby.giveWay(most) : 0
        if guests == 0 { shared.giveWay() }
        return guests
    }

    /// - Parameter visitor: The client, if its token was found in PostgreSQL.
    func admit(
        _ connection: Connection, _ request: UpgradeRequest, _ path: LivePath,
        _ visitor: Visitor? = nil, isSought: Bool = false
    ) {
        guard !isDraining else { return reject(connection, request.headers, .draining) }
        if !isSought, path.takesTokens,
            let token = Credential.presented(request.target, request.headers),
            shared.tokens.isShared(token)
        {
            return visit(connection, request, path, token)
        }
        let tenant: Tenant
        let grant: Grant?
        switch identify(
            request.target, request.headers, takesTokens: path.takesTokens, visitor?.grant)
        {
        case .failure(let refusal): return turnAway(connection, request, Rejection(refusal))
        case .success(let found): (tenant, grant) = found
        }
        let policy = tenant.policy
        var request = request
        request.target = grant == nil ? path.target : path.unconstrained.target
        if let limit = shortage(of: policy.tenant) {
            return turnAway(connection, request, Rejection(limit), policy)
        }
        if path.isMusic { return passMusic(connection, request, policy) }
        let account = shared.accounts.account(of: policy.tenant)
        let (endUser, refusal) = Admission.endUser(
            request, grant, policy, from: connection.peerAddress, shared.balancers)
        if let refusal { return turnAway(connection, request, refusal, policy) }
        let applicant = Applicant(
            id: visitor?.grant.session ?? Identifier.make(), request: request,
            isConstrained: path.isConstrained, policy: tenant.shared, account: account,
            grant: grant, pass: visitor?.pass, endUser: endUser)
        if let rejection = Admission.obstacle(account, policy, endUser: endUser) {
            return turnAway(
                connection, request, rejection, policy,
                unlessBack: rejection.reason == Limit.sessions.rawValue ? applicant : nil)
        }
        let address = address(of: connection, request.headers)
        guard mayStart(address, applicant) else {
            return turnAway(connection, request, .starts, policy)
        }
        guard let ticket = enterLobby(applicant.id, address, policy, grant) else {
            return turnAway(connection, request, Rejection(.waiting), policy)
        }
        begin(
            connection, applicant, ticket,
            isEntitled(grant, visitor?.pass, policy) ? .dialing : .undialed)
    }

    func begin(
        _ connection: Connection, _ applicant: Applicant, _ ticket: Lobby.Ticket,
        _ arrival: Arrival
    ) {
        let driver = SessionDriver(
            applicant, worker: self, client: connection, profiles: policySnapshot.policies.profiles,
            arrival: arrival)
        driver.ticket = ticket
        drivers[applicant.id] = driver
        connection.delegate = driver
        connection.limits = ConnectionLimits(applicant.policy.value.limits).beforeSetup
        driver.start()
    }

    func giveBack(_ applicant: Applicant) {
        if let grant = applicant.grant, let pass = applicant.pass {
            shared.tokens.giveBack(grant, pass)
        }
    }

    /// Whether gemini is dialed before the setup is known. An unknown client has presented nothing,
    /// and a used-up token only resumes: our credential is not used for such a connection while it
    /// says nothing.
    private func isEntitled(_ grant: Grant?, _ pass: Grant.Pass?, _ policy: Policy) -> Bool {
        guard policy.upstream.hasOwnCredential else { return true }
        guard let grant else { return !policy.match.keys.isEmpty }
        if let pass { return pass == .use }
        return grant.obstacle(resuming: false, at: WallTime(nanoseconds: tk_wall())) == nil
    }

    func mayStart(_ address: SocketAddress?, _ applicant: Applicant) -> Bool {
        mayStart(address, applicant.policy.value, applicant.account, applicant.grant)
    }

    /// Whether the client, and its tenant, have not begun too much lately.
    func mayStart(
        _ client: SocketAddress?, _ policy: Policy, _ account: Account, _ grant: Grant? = nil
    ) -> Bool {
        var scopes = (grant?.digest).map { [Lobby.Scope.token($0)] } ?? []
        if let client { scopes.append(.init(client: client)) }
        return shared.starts.mayStart(scopes, of: policy, among: shared.accounts.processes)
            && account.mayStart(limit: policy.limits.sessions)
    }

    /// Takes a place in the lobby; nil if too many connections wait there, and none has waited
    /// long. `policy` is nil for a client that belongs to no tenant.
    func enterLobby(
        _ id: String, _ client: SocketAddress?, _ policy: Policy?, _ grant: Grant? = nil
    ) -> Lobby.Ticket? {
        var scopes: [(Lobby.Scope, most: Int)] = []
        if let policy {
            scopes.append((.tenant(policy.tenant), policy.limits.sessions + Lobby.perTenant))
        }
        if let grant { scopes.append((.token(grant.digest), most: Lobby.perToken)) }
        if let client {
            scopes.append((Lobby.Scope(client: client), most: Lobby.perAddress))
        }
        let mailbox = loop.mailbox
        let answer = shared.lobby.enter(scopes) {
            mailbox.post { ($0.owner as? Worker)?.guest(id)?.shownOut() }
        }
        switch answer {
        case .entered(let ticket): return ticket
        case .full: return nil
        }
    }

    /// Identifies the client's tenant, by its key, or by a token.
    /// - Parameter known: The grant of a token that was found in PostgreSQL.
    func identify(
        _ target: String, _ headers: HeaderFields, takesTokens: Bool, _ known: Grant? = nil
    ) -> Result<(tenant: Tenant, grant: Grant?), Policies.Refusal> {
        let presented = Credential.presented(target, headers)
        let origin = headers.first("origin")
        if !takesTokens, let presented, shared.tokens.isShared(presented) {
            return .failure(.token)
        }
        if let presented, presented.hasPrefix(Grant.prefix),
            let grant = known ?? shared.tokens.grant(presented),
            let tenant = policySnapshot.policies.tenant(named: grant.tenant)
        {
            guard takesTokens else { return .failure(.token) }
            guard tenant.admits(origin: origin) else { return .failure(.origin) }
            return .success((tenant, grant))
        }
        switch policySnapshot.verdict(presented: presented, origin: origin) {
        case .refused(let refusal): return .failure(refusal)
        case .served(let tenant): return .success((tenant, nil))
        }
    }

    func answer(_ connection: Connection, _ answer: Answer, _ headers: [HeaderField] = []) {
        connection.respond(
            status: answer.status, headers: answer.headers + headers, body: answer.body)
    }

    /// The session with that id, if it lives here.
    func driver(_ session: String) -> SessionDriver? {
        drivers[session]
    }

    func guest(_ id: String) -> (any LobbyGuest)? { drivers[id] ?? guests[id] }

    /// False if it was removed before.
    func remove(_ driver: SessionDriver) -> Bool {
        guard drivers.removeValue(forKey: driver.id) != nil else { return false }
        emptied()
        return true
    }

    func emptied() {
        if drivers.isEmpty, passages.isEmpty, drainBy != nil { shared.emptied() }
    }

    // MARK: From other threads

    /// A round of all sessions, with those that it has not reached yet.
    private struct Round {
        var sessions: ArraySlice<SessionDriver>
        let visit: (SessionDriver) -> Void
        let finish: (Worker) -> Void
    }

    /// Visits every session, in slices, so that messages flow in between: a visit to 5,000 sessions
    /// takes milliseconds.
    private func visitSessions(_ round: Round) {
        rounds.append(round)
        if rounds.count == 1 { visitNext() }
    }

    private func visitNext() {
        // Some may have ended since.
        for driver in rounds[0].sessions.prefix(Self.slice) where !driver.isOver {
            rounds[0].visit(driver)
        }
        rounds[0].sessions = rounds[0].sessions.dropFirst(Self.slice)
        if rounds[0].sessions.isEmpty { rounds.removeFirst().finish(self) }
        if rounds.isEmpty { return }
        loop.mailbox.post { loop in (loop.owner as? Worker)?.visitNext() }
    }

    /// Sessions that are visited at a time.
    private static let slice = 100

    /// This worker's numbers. However many sessions there are, none is visited: all gauges are
    /// running sums. Only what is passed on is visited, and there is little of it.
    func snapshot() -> Snapshot {
        countPassages()
        let name = [String(index)]
        shard.set(Double(drivers.count), at: shard.series(.workerSessions, name))
        shard.set(Double(tk_thread_cpu()) / 1e9, at: shard.series(.workerCPU, name))
        return shard.snapshot()
    }

    /// - Parameter finish: Called when every session has the new policies.
    func reload(
        _ policySnapshot: PolicySnapshot, then finish: @escaping @Sendable (Worker) -> Void
    ) {
        let renewals = PolicyRenewals(
            from: self.policySnapshot.policies, to: policySnapshot.policies)
        self.policySnapshot = policySnapshot
        warm?.drop()
        prepareMetrics()
        visitSessions(
            Round(
                sessions: Array(drivers.values)[...], visit: { $0.renewPolicy(renewals) },
                finish: finish))
    }

    /// False if the session does not live here.
    func obey(_ order: SessionOrder, session: String) -> Bool {
        guard let driver = driver(session) else { return false }
        order.carryOut(on: driver, at: loop.now)
        return true
    }

    func reloaded(_ isSuccess: Bool) {
        shard.set(isSuccess ? 1 : 0, at: shard.series(.policyReload))
    }

    func stopAccepting() {
        for listener in listeners { listener.stopAccepting() }
        listeners = []
    }

    /// Goes on after `stopAccepting`.
    func acceptAgain(on sockets: [ListeningSocket]) {
        for socket in sockets {
            guard drainBy == nil else {
                socket.close()
                continue
            }
            do throws(SystemError) {
                try accept(on: socket)
            } catch {
                shared.log.write(
                    .error, "cannot accept clients again", [("why", .string("\(error)"))])
                socket.close()
            }
        }
    }

    private func accept(on socket: ListeningSocket) throws(SystemError) {
        listeners.append(
            try Listener(
                socket, on: loop, security: security, balancers: shared.balancers, acceptor: self))
    }

    /// Applies to future clients.
    func present(_ security: ListenerSecurity) {
        self.security = security
        for listener in listeners { listener.security = security }
    }

    func drain(by deadline: Instant) {
        guard drainBy == nil else { return }
        drainBy = deadline
        warm?.drop()
        stopAccepting()
        if drivers.isEmpty, passages.isEmpty { return shared.emptied() }
        for driver in Array(drivers.values) { driver.drain(by: deadline) }
        for passage in Array(passages.values) { passage.drain() }
    }

    /// Ends all open sessions at once, so that each gets its row in the ledger.
    func stop() {
        drainBy = loop.now
        warm?.drop()
        for driver in Array(drivers.values) {
            driver.drain(by: loop.now)
            driver.sayFarewell()
        }
        for passage in Array(passages.values) { passage.drain() }
        loop.stop()
    }
}

import Basics
import CLinux
import Metrics
import Policies
import Sessions
import Transport
import WebSocket

/// One thread's share of the proxy: its loop, its listener's clients, its sessions. What crosses
/// from other threads comes through the loop's mailbox.
final class Worker: Acceptor {
    let loop: EventLoop
    let shared: Shared
    var rulebook: Rulebook
    /// Storage for the actions of the event in hand, reused.
    var actions = Actions()
    var shard = Shard()
    var models = ModelLabels()
    private var listeners: [Listener] = []
    /// By session.
    private var drivers: [String: SessionDriver] = [:]
    /// REST requests that are passed on.
    private var exchanges: [ObjectIdentifier: any StreamDelegate] = [:]
    private var drainBy: Instant?
    /// What the last scrape has set.
    private var bufferSeries: Set<SeriesID> = []

    /// Its place among the workers, as metrics name it.
    private let index: Int

    private init(_ index: Int, loop: EventLoop, shared: Shared, rulebook: Rulebook) {
        self.index = index
        self.loop = loop
        self.shared = shared
        self.rulebook = rulebook
        reloaded(true)
        prepareMetrics()
    }

    /// A series that begins with its first count hides that count from every rate. One worker's zeros
    /// are enough.
    private func prepareMetrics() {
        guard index == 0 else { return }
        for tenant in rulebook.policies.all {
            _ = models.unnamed(tenant.policy.tenant, &shard)
        }
    }

    /// The life of a worker's thread.
    static func run(
        _ index: Int, _ mailbox: Mailbox, _ sockets: [ListeningSocket],
        _ security: ListenerSecurity,
        _ shared: Shared, _ rulebook: Rulebook, _ started: Latch
    ) {
        do throws(SystemError) {
            let loop = try EventLoop(mailbox: mailbox)
            let worker = Worker(index, loop: loop, shared: shared, rulebook: rulebook)
            loop.owner = worker
            for socket in sockets {
                worker.listeners.append(
                    try Listener(socket, on: loop, security: security, acceptor: worker))
            }
            started.report(nil)
            loop.run()
            // Broken here, since the loop and its worker hold each other.
            loop.owner = nil
        } catch {
            started.report("turnkeeper: \(error)")
        }
    }

    var sessions: [SessionDriver] { Array(drivers.values) }

    // MARK: Clients

    func requested(_ connection: Connection, _ request: IncomingRequest) {
        switch request {
        case .upgrade(let upgrade):
            guard Route.isLive(upgrade.target) else { return answer(connection, .notFound) }
            admit(connection, upgrade)
        case .plain(let head, let error):
            if Route.isLive(head.target) {
                answer(connection, Answer(status: error.status, error: error.reason))
            } else if Route.isREST(head.target) {
                exchange(connection, head)
            } else {
                answer(connection, Route.answer(to: head.target, isDraining: drainBy != nil))
            }
        }
    }

    func dismissed(_ connection: Connection, _ failure: ConnectionFailure) {
        shared.log.write(
            .debug, "client left before a session", [("why", .string(failure.description))])
    }

    private func admit(_ connection: Connection, _ request: UpgradeRequest) {
        guard drainBy == nil else {
            return answer(connection, Answer(status: 503, error: "this server is going away"))
        }
        let policy: Policy
        let grant: Grant?
        switch identify(target: request.target, headers: request.headers) {
        case .failure(let refusal): return answer(connection, Answer(refusal))
        case .success(let visitor): (policy, grant) = visitor
        }
        var request = request
        if grant != nil { request.target = Route.unconstrained(request.target) }
        guard !shared.memory.isRefusing, !connection.isSpare else {
            return turnAway(connection, policy, connection.isSpare ? .waiting : .memory)
        }
        let account = shared.accounts.account(of: policy.tenant)
        if let limit = Admission.obstacle(account, policy) {
            return turnAway(connection, policy, limit)
        }
        let id = Identifier.make()
        guard account.mayStart(limit: policy.limits.sessions),
            let ticket = enterLobby(id, connection, request, policy, grant)
        else { return turnAway(connection, policy, .waiting) }
        let driver = SessionDriver(
            id: id, worker: self, client: connection, request: request,
            policy: policy, account: account, grant: grant,
            profiles: rulebook.policies.profiles,
            // A stranger has shown nothing: our credential is not spent on silence.
            arrival: grant == nil && policy.match.keys.isEmpty && policy.upstream.hasOwnCredential
                ? .undialed : .dialing)
        driver.ticket = ticket
        drivers[id] = driver
        connection.delegate = driver
        connection.limits =
            ConnectionLimits(message: policy.limits.message, buffer: policy.limits.buffer)
            .beforeSetup
        driver.start()
    }

    /// nil where too many connections wait for their setups, and none of them for long.
    private func enterLobby(
        _ id: String, _ connection: Connection, _ request: UpgradeRequest, _ policy: Policy,
        _ grant: Grant?
    ) -> Lobby.Ticket? {
        var scopes = [
            (Lobby.Scope.tenant(policy.tenant), most: policy.limits.sessions + Lobby.perTenant)
        ]
        if let grant { scopes.append((.token(grant.digest), most: Lobby.perToken)) }
        if let peer = connection.peerAddress {
            let client = peer.client(
                behind: shared.balancers,
                forwardedFor: request.headers.all("x-forwarded-for").map(\.text))
            scopes.append((Lobby.Scope(client: client), most: Lobby.perAddress))
        }
        let mailbox = loop.mailbox
        let answer = shared.lobby.enter(scopes) {
            mailbox.post { ($0.owner as? Worker)?.driver(id)?.take(.limitReached(.waiting)) }
        }
        switch answer {
        case .entered(let ticket): return ticket
        case .full: return nil
        }
    }

    /// Whose client this is, by its key, or by a token that stands in for one.
    private func identify(
        target: String, headers: HeaderFields
    ) -> Result<(policy: Policy, grant: Grant?), Policies.Refusal> {
        let presented = Credential.presented(target, headers)
        let origin = headers.first("origin")
        if let presented, presented.hasPrefix(Grant.prefix),
            let grant = shared.tokens.grant(presented),
            let tenant = rulebook.policies.tenant(named: grant.tenant)
        {
            guard Route.takesTokens(target) else { return .failure(.token) }
            guard tenant.admits(origin: origin) else { return .failure(.origin) }
            return .success((tenant.policy, grant))
        }
        switch rulebook.verdict(presented: presented, origin: origin) {
        case .refused(let refusal): return .failure(refusal)
        case .served(let tenant): return .success((tenant.policy, nil))
        }
    }

    /// A tenant at its bound is told which; its neighbours do not notice.
    private func turnAway(_ connection: Connection, _ policy: Policy, _ limit: Limit) {
        let id = Identifier.make()
        shard.increment(shard.series(.limits, [policy.tenant, "unknown", limit.rawValue]))
        shared.log.write(
            .info, "session refused",
            [
                ("session", .string(id)), ("tenant", .string(policy.tenant)),
                ("limit", .string(limit.rawValue)),
            ])
        let answer = Admission.refusal(of: id, limit)
        connection.respond(
            status: answer.status, headers: answer.headers + headers(session: id),
            body: answer.body)
    }

    private func answer(_ connection: Connection, _ answer: Answer) {
        connection.respond(status: answer.status, headers: answer.headers, body: answer.body)
    }

    /// The session of that id, if it lives here.
    func driver(_ session: String) -> SessionDriver? {
        drivers[session]
    }

    /// False where it was removed before.
    func remove(_ driver: SessionDriver) -> Bool {
        guard drivers.removeValue(forKey: driver.id) != nil else { return false }
        emptied()
        return true
    }

    private func emptied() {
        if drivers.isEmpty, exchanges.isEmpty, drainBy != nil { shared.emptied() }
    }

    // MARK: REST

    private func exchange(_ connection: Connection, _ head: RequestHead) {
        guard drainBy == nil else {
            return answer(connection, Answer(status: 503, error: "this server is going away"))
        }
        let policy: Policy
        switch identify(target: head.target, headers: head.headers) {
        case .failure(let refusal): return answer(connection, Answer(refusal))
        // Tokens are for Live sessions alone, as the vendor's are.
        case .success((_, .some)): return answer(connection, Answer(.token))
        case .success(let visitor): policy = visitor.policy
        }
        // Where the client's own key is passed on, so is its wish for a token: it is the vendor's.
        if policy.upstream.hasOwnCredential, Route.makesToken(head) {
            let exchange = TokenExchange(
                worker: self, client: connection, head: head, tenant: policy.tenant)
            exchanges[ObjectIdentifier(exchange)] = exchange
            return exchange.start()
        }
        guard !shared.memory.isRefusing, !connection.isSpare else {
            return answer(connection, Admission.refusal(of: "", .memory))
        }
        guard policy.upstream.passesREST else { return answer(connection, .noREST) }
        switch dialRequest(target: head.target, headers: head.headers, policy: policy) {
        case .failure(let complaint):
            answer(connection, Answer(status: 502, error: "gemini cannot be reached: \(complaint)"))
        case .success(let dial):
            let account = shared.accounts.account(of: policy.tenant)
            guard account.beginExchange(limit: policy.limits.sessions) else {
                return answer(connection, Admission.refusal(of: "", .sessions))
            }
            let exchange = RESTExchange(
                worker: self, client: connection, head: head, dial: dial, tenant: policy.tenant,
                account: account)
            exchanges[ObjectIdentifier(exchange)] = exchange
            exchange.start()
        }
    }

    func remove(_ exchange: any StreamDelegate) {
        guard exchanges.removeValue(forKey: ObjectIdentifier(exchange)) != nil else { return }
        emptied()
    }

    // MARK: Upstream

    /// How to dial for a session, or why it cannot be done; in words, without secrets.
    func dialRequest(
        target: String, headers: HeaderFields, subprotocols: [String] = [], policy: Policy
    ) -> Result<DialRequest, Complaint> {
        guard let upstream = Upstream(url: policy.upstream.url) else {
            return .failure(.here("upstream.url is not a WebSocket URL: \(policy.upstream.url)"))
        }
        var target = target
        var headers = forwardable(headers).filter { !$0.isNamed("x-turnkeeper-session") }
        if let reference = policy.upstream.key {
            switch shared.secrets.value(of: reference) {
            case .success(let key):
                (target, headers) = Credential.replace(target: target, headers: headers, with: key)
            case .failure(let complaint): return .failure(complaint)
            }
        }
        if let source = policy.upstream.credentials {
            switch shared.oauth.token(of: source) {
            case .success(let token):
                (target, headers) = Credential.replace(
                    target: target, headers: headers, bearer: token)
            case .failure(let complaint): return .failure(complaint)
            }
        }
        switch rulebook.trust(policy.upstream) {
        case .failure(let complaint): return .failure(complaint)
        case .success(let tls):
            return .success(
                DialRequest(
                    endpoint: upstream.endpoint, target: upstream.prefix + target,
                    headers: headers, subprotocols: subprotocols, tls: tls,
                    timeout: policy.upstream.connect,
                    limits: ConnectionLimits(
                        message: policy.limits.message, buffer: policy.limits.buffer)))
        }
    }

    /// What every answer of a session carries.
    func headers(session id: String) -> [HeaderField] {
        [HeaderField("x-turnkeeper-session", id)].compactMap { $0 }
    }

    // MARK: From other threads

    /// This worker's numbers. What is buffered is summed up here, so that it costs messages nothing.
    func snapshot() -> Snapshot {
        for series in bufferSeries { shard.set(0, at: series) }
        bufferSeries = []
        for driver in drivers.values {
            let (bytes, series) = driver.buffered
            shard.add(Double(bytes), to: series)
            bufferSeries.insert(series)
        }
        let name = [String(index)]
        shard.set(Double(drivers.count), at: shard.series(.workerSessions, name))
        shard.set(Double(tk_thread_cpu()) / 1e9, at: shard.series(.workerCPU, name))
        return shard.snapshot()
    }

    func adopt(_ rulebook: Rulebook) {
        self.rulebook = rulebook
        prepareMetrics()
        for driver in Array(drivers.values) { driver.adopt(rulebook.policies) }
    }

    /// False where the session does not live here.
    func obey(_ order: SessionOrder, session: String) -> Bool {
        guard let driver = driver(session) else { return false }
        order.take(driver, at: loop.now)
        return true
    }

    func reloaded(_ isSuccess: Bool) {
        shard.set(isSuccess ? 1 : 0, at: shard.series(.policyReload))
    }

    func stopAccepting() {
        for listener in listeners { listener.stopAccepting() }
        listeners = []
    }

    func drain(by deadline: Instant) {
        guard drainBy == nil else { return }
        drainBy = deadline
        stopAccepting()
        if drivers.isEmpty, exchanges.isEmpty { return shared.emptied() }
        for driver in Array(drivers.values) { driver.drain(by: deadline) }
    }

    /// Sessions that are still open end here and now, so that each leaves its row in the ledger.
    func stop() {
        drainBy = loop.now
        for driver in Array(drivers.values) { driver.drain(by: loop.now) }
        loop.stop()
    }
}

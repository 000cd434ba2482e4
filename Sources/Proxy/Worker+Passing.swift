import Basics
import Policies
import Sessions
import Transport
import WebSocket

// What is forwarded without being a session: REST requests, and music.
extension Worker {
    func exchange(_ connection: Connection, _ head: RequestHead, _ path: RESTPath) {
        if head.method == "OPTIONS" { return preflight(connection, head) }
        guard ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(head.method) else {
            // Other methods echo what they are sent, our credential included, or open a tunnel.
            return reject(connection, head.headers, .method)
        }
        guard !isDraining else {
            return reject(connection, head.headers, .draining, nil, readable(head))
        }
        let policy: Policy
        let sharing = CrossOrigin.answer(to: head.headers)
        let owner = owner(of: path, head)
        guard owner != nil || !UploadLink.isSealed(path) else {
            // Without a valid seal, it would be treated as an unmatched client's request, for an
            // upstream that is not the upload's.
            return reject(connection, head.headers, .link, nil, readable(head))
        }
        switch visitor(head, owner) {
        case .failure(let refusal):
            return reject(
                connection, head.headers, Rejection(refusal), nil,
                refusal == .origin ? [] : readable(head))
        // Tokens are for Live sessions only, like Google's.
        case .success((let tenant, .some)):
            return reject(connection, head.headers, Rejection(.token), tenant.policy, sharing)
        case .success(let visitor): policy = visitor.tenant.policy
        }
        if policy.upstream.hasOwnCredential {
            guard path.isPlain else {
                return reject(connection, head.headers, .path, policy, sharing)
            }
            // If the client's own key is passed on, so is its token request: the token is Google's.
            if path.isTokens {
                guard head.method == "POST", path.makesTokens else {
                    return reject(connection, head.headers, .unknown, policy, sharing)
                }
                return mint(connection, head, policy, sharing)
            }
        }
        guard policy.upstream.passesREST else {
            return reject(connection, head.headers, .rest, policy, sharing)
        }
        if policy.upstream.hasOwnCredential,
            let obstacle = policy.obstacle(toResource: path.resource, method: head.method)
        {
            return reject(connection, head.headers, Rejection(obstacle), policy, sharing)
        }
        if let limit = shortage(of: policy.tenant) {
            return reject(connection, head.headers, Rejection(limit), policy, sharing)
        }
        switch dialRequest(
            path: path.path, query: path.query, headers: head.headers, policy: policy)
        {
        case .failure(let complaint):
            let why = "gemini cannot be reached: \(complaint)"
            answer(connection, Answer(status: 502, error: why), sharing)
            tell(.unanswered, 502, why, of: policy.tenant, since: loop.now)
        case .success(let dial):
            let account = shared.accounts.account(of: policy.tenant)
            guard account.beginExchange(limit: policy.limits.sessions) else {
                return reject(connection, head.headers, Rejection(.sessions), policy, sharing)
            }
            let exchange = RESTExchange(
                worker: self, client: connection, head: head, dial: dial, policy: policy,
                account: account, link: uploadLink(connection, head, path, policy))
            add(exchange)
            exchange.start()
        }
    }

    /// Mints our own token in place of the vendor's.
    private func mint(
        _ connection: Connection, _ head: RequestHead, _ policy: Policy, _ sharing: [HeaderField]
    ) {
        let id = Identifier.make()
        let limit = shortage(of: policy.tenant)
        let address = address(of: connection, head.headers)
        guard limit == nil, let ticket = enterLobby(id, address, policy) else {
            return reject(connection, head.headers, Rejection(limit ?? .waiting), policy, sharing)
        }
        let exchange = TokenExchange(
            worker: self, client: connection, head: head, tenant: policy.tenant, id: id,
            ticket: ticket)
        add(exchange)
        guests[id] = exchange
        exchange.start()
    }

    /// The tenant whose upload the request continues, by a link of ours.
    private func owner(of path: RESTPath, _ head: RequestHead) -> Tenant? {
        UploadLink.tenant(of: path, head, shared.tokens).flatMap {
            policySnapshot.policies.tenant(named: $0)
        }
    }

    /// The tenant of a request: by our link that it follows, or by its key.
    private func visitor(
        _ head: RequestHead, _ owner: Tenant?
    ) -> Result<(tenant: Tenant, grant: Grant?), Policies.Refusal> {
        guard let owner else { return identify(head.target, head.headers, takesTokens: false) }
        guard owner.admits(origin: head.headers.first("origin")) else { return .failure(.origin) }
        return .success((owner, nil))
    }

    // MARK: Pages

    /// A browser's preflight request. It never contains keys, so any tenant that permits the origin
    /// suffices; the actual request is judged by its key.
    func preflight(_ connection: Connection, _ head: RequestHead) {
        guard let origin = head.headers.first("origin"),
            !head.headers.all("access-control-request-method").isEmpty,
            policySnapshot.policies.admitsSomewhere(origin: origin)
        else { return reject(connection, head.headers, Rejection(.origin)) }
        connection.respond(
            status: 204, headers: CrossOrigin.preflight(head.headers), body: [])
    }

    /// A page may read why it was refused if any tenant permits its origin.
    private func readable(_ head: RequestHead) -> [HeaderField] {
        guard let origin = head.headers.first("origin"),
            policySnapshot.policies.admitsSomewhere(origin: origin)
        else { return [] }
        return CrossOrigin.answer(to: head.headers)
    }

    // MARK: Upstream

    /// How to dial, or why it is impossible; in words, without secrets. `path` is canonical,
    /// `query` includes its question mark.
    func dialRequest(
        path: String, query: String, headers: HeaderFields, subprotocols: [String] = [],
        policy: Policy
    ) -> Result<DialRequest, Complaint> {
        guard let upstream = Upstream(url: policy.upstream.url) else {
            return .failure(.here("upstream.url is not a WebSocket URL: \(policy.upstream.url)"))
        }
        var query = query
        // The end user's name is not passed on.
        let own = ["x-turnkeeper-session", policy.endUsers.header].compactMap { $0 }
        var headers = forwardable(headers).filter { field in !own.contains { field.isNamed($0) } }
        switch ownCredential(policy, query, headers) {
        case .failure(let complaint): return .failure(complaint)
        case .success(let replaced?): (query, headers) = replaced
        case .success(nil): break
        }
        switch policySnapshot.trust(policy.upstream) {
        case .failure(let complaint): return .failure(complaint)
        case .success(let tls):
            return .success(
                DialRequest(
                    endpoint: upstream.endpoint,
                    target: upstream.prefix + (policy.upstream.path ?? "") + path + query,
                    headers: headers, subprotocols: subprotocols, tls: tls,
                    timeout: policy.upstream.connect,
                    limits: ConnectionLimits(policy.limits)))
        }
    }

    /// The same request with the credential and the certificates of now; nil if there are none.
    func renewed(_ dial: DialRequest, _ policy: Policy) -> DialRequest? {
        guard case .success(let replaced?) = ownCredential(policy, "", dial.headers),
            case .success(let tls) = policySnapshot.trust(policy.upstream)
        else { return nil }
        var renewed = dial
        renewed.headers = replaced.headers
        renewed.tls = tls
        return renewed
    }

    /// Nil if the client's own credential is passed on.
    private func ownCredential(
        _ policy: Policy, _ query: String, _ headers: [HeaderField]
    ) -> Result<(query: String, headers: [HeaderField])?, Complaint> {
        let replaced: (query: String, headers: [HeaderField])?
        if let reference = policy.upstream.key {
            switch shared.secrets.value(of: reference) {
            case .success(let key):
                replaced = Credential.replace(query: query, headers: headers, with: key)
            case .failure(let complaint): return .failure(complaint)
            }
        } else if let source = policy.upstream.credentials {
            switch shared.oauth.token(of: source) {
            case .success(let token):
                replaced = Credential.replace(query: query, headers: headers, bearer: token)
            case .failure(let complaint): return .failure(complaint)
            }
        } else {
            return .success(nil)
        }
        guard let replaced else {
            return .failure(.here("the credential has a character that no header can carry"))
        }
        return .success(replaced)
    }

    /// Gemini's refusal of an upgrade, in the form in which it may be passed on.
    func told(_ refusal: UpgradeRefusal, _ id: String, _ policy: Policy) -> DialFailure {
        let retryAfter = shared.scrubber.scrub(
            quotation: refusal.headers.first("Retry-After") ?? "")
        guard policy.upstream.hasOwnCredential else {
            return .refused(
                status: Int(refusal.status),
                contentType: refusal.headers.first("Content-Type") ?? "text/plain",
                body: refusal.body, retryAfter: retryAfter)
        }
        // Anything it quotes was meant for our credential, not for the client.
        let answer = Answer(
            status: refusal.status,
            error: "gemini refuses the upgrade with \(refusal.status) (session \(id))")
        return .refused(
            status: Int(refusal.status), contentType: answer.contentType,
            body: [204, 304].contains(refusal.status) ? [] : answer.body,
            retryAfter: String(retryAfter.prefix(40)))
    }

    /// A peer's reason, to be passed on: without our credentials, and without the client's, which
    /// must not appear in log and ledger either.
    func scrub(
        _ reason: String, of request: UpgradeRequest, _ policy: Policy
    ) -> String {
        let reason = shared.scrubber.scrub(quotation: reason)
        guard reason.utf8.count >= Scrubber.shortestBeginning,
            let presented = Credential.presented(request.target, request.headers)
        else { return reason }
        // Gemini sees it only if no credential of ours replaces it.
        let isSent = !policy.upstream.hasOwnCredential
        return Scrubber(
            isSent ? [presented] : [], kept: [presented],
            sparing: KnownSecrets.ownWords.union(shared.policiesInForce.names)
        ).scrub(quotation: reason)
    }

    func passMusic(_ connection: Connection, _ request: UpgradeRequest, _ policy: Policy) {
        guard policy.upstream.passesREST else {
            return turnAway(connection, request, .music, policy)
        }
        let account = shared.accounts.account(of: policy.tenant)
        let (endUser, refusal) = Admission.endUser(
            request, nil, policy, from: connection.peerAddress, shared.balancers)
        if let refusal { return turnAway(connection, request, refusal, policy) }
        if let rejection = Admission.obstacle(account, policy, endUser: endUser) {
            return turnAway(connection, request, rejection, policy)
        }
        let id = Identifier.make()
        let address = address(of: connection, request.headers)
        guard mayStart(address, policy, account) else {
            return turnAway(connection, request, .starts, policy)
        }
        guard let ticket = enterLobby(id, address, policy) else {
            return turnAway(connection, request, Rejection(.waiting), policy)
        }
        let relay = MusicRelay(
            worker: self, client: connection, request: request, policy: policy, account: account,
            id: id, ticket: ticket)
        add(relay)
        guests[id] = relay
        connection.delegate = relay
        relay.start()
    }
}

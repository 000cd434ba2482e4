import Basics
import CLinux
import Ledger
import Policies
import Sessions
import Transport
import WebSocket
import Wire

// Returning clients: their claims are looked up, and their connections move to the session they
// belong to. All of this happens between batches, by mail, because no session may be accessed while
// another one is being processed.
extension SessionDriver {
    /// What a session leaves to the same client's next session.
    private struct Left {
        var memory: Memory
        /// It has one of the tenant's places.
        var hasPlace: Bool
        /// The generation in which this node drives the conversation, if nodes share it.
        var generation: Int64?
    }

    /// A session to which the client has returned with another setup.
    struct Successor {
        fileprivate let claim: Claim
        fileprivate let session: String
        fileprivate let home: Mailbox
    }

    func perform(returning action: Action) {
        switch action {
        case .recall(let claim, let fingerprint):
            later { $0.recall(claim, fingerprint) }
        case .offer(let handle, let fingerprint, let parks):
            // There was nothing to return to: a token's setup has no handle.
            guard takesPlace(ofConversation: false) else {
                return self.handle(.limitReached(.sessions))
            }
            unoffered = nil
            worker.shared.returns.offer(
                ReturnRegistry.Live(
                    session: id, secret: secret, tenant: policy.tenant,
                    mailbox: worker.loop.mailbox,
                    offer: LiveOffer(
                        fingerprint: fingerprint, parks: parks,
                        generation: place?.generation ?? 1)),
                as: handle)
            share(handle)
        case .keep(let handle, let memory): write(handle, counted(memory), isOver: false)
        case .retire(let handle, let memory):
            let left = memory.map(counted)
            let stored = left?.stored
            // If nodes share conversations, another may continue it: nothing is kept here.
            let isShared = worker.shared.conversations != nil
            worker.shared.returns.retire(
                handle, session: id, tenant: policy.tenant, isShared ? nil : stored)
            if let stored { write(handle, stored, isOver: successors.isEmpty) }
            leaveToOthers()
            bequeath(left)
        case .forward, .send, .dial, .use, .drop, .accept, .refuse, .ping, .pause, .resume, .limit,
            .close, .choose, .note:
            break
        }
    }

    /// Includes what the conversation has used.
    private func counted(_ memory: Memory) -> Memory {
        var counted = memory
        counted.used = observer.used(tenantPolicy, at: worker.loop.now)
        return counted
    }

    private func write(_ handle: String, _ memory: Memory, isOver: Bool) {
        if worker.shared.conversations != nil {
            return keepForOthers(memory, isOver: isOver)
        }
        let now = WallTime(nanoseconds: tk_wall())
        guard let ledger = worker.shared.ledger,
            let kept = KeptReturn(handle, session: id, tenant: policy.tenant, memory, at: now)
        else { return }
        ledger.entrance(of: policy.tenant).append(.returnKept(kept))
    }

    func later(_ work: @escaping @Sendable (SessionDriver) -> Void) {
        Self.post(to: worker.loop.mailbox, session: id) { if let driver = $0 { work(driver) } }
    }

    static func post(
        to mailbox: Mailbox, session: String,
        _ work: @escaping @Sendable (SessionDriver?) -> Void
    ) {
        mailbox.post { loop in work((loop.owner as? Worker)?.driver(session)) }
    }

    private func recall(_ claim: Claim, _ fingerprint: UInt64) {
        let found = worker.shared.returns.find(claim, tenant: policy.tenant)
        guard case .live(let live) = found, case .session = claim else {
            return follow(claim, found, fingerprint)
        }
        // By id, only a session that waits for its client is found.
        let (home, id) = (worker.loop.mailbox, id)
        live.mailbox.post { loop in
            let driver = (loop.owner as? Worker)?.driver(live.session)
            let isParked = driver?.session.isParked == true
            Self.post(to: home, session: id) {
                $0?.follow(claim, isParked ? found : .unknown, fingerprint)
            }
        }
    }

    private func follow(_ claim: Claim, _ found: ReturnRegistry.Found, _ fingerprint: UInt64) {
        switch found {
        case .live(let live):
            switch live.offer.meets(claim, fingerprint) {
            case .isBehind:
                Self.post(to: live.mailbox, session: live.session) { $0?.moveAway() }
                answer(claim, .unknown)
            case .takesClient:
                var isByName = false
                if case .session = claim { isByName = true }
                move(to: live, isByName: isByName)
            case .leavesMemory:
                let successor = Successor(claim: claim, session: id, home: worker.loop.mailbox)
                live.mailbox.post { loop in
                    guard let driver = (loop.owner as? Worker)?.driver(live.session),
                        !driver.hasLeft
                    else { return Self.tell(successor, nil) }
                    driver.successors.append(successor)
                    driver.handle(.superseded)
                }
            }
        case .kept, .foreign, .unknown:
            answer(claim, found)
        }
    }

    /// The session is over: one of its successors continues the conversation.
    private func bequeath(_ memory: Memory?) {
        hasLeft = true
        var legacy = memory.map {
            Left(memory: $0, hasPlace: isSeated, generation: place?.generation)
        }
        for successor in successors { Self.tell(successor, legacy.take()) }
        successors = []
    }

    private static func tell(_ successor: Successor, _ left: Left?) {
        post(to: successor.home, session: successor.session) {
            $0?.recallEnded(successor.claim, left)
        }
    }

    private func recallEnded(_ claim: Claim, _ left: Left?) {
        guard let left else {
            return answer(claim, worker.shared.returns.find(claim, tenant: policy.tenant))
        }
        var memory = left.memory
        if let generation = left.generation {
            inherit(claim, generation)
            memory.generation = generation
        }
        answer(claim, .kept(memory), hasPlace: left.hasPlace)
    }

    private func answer(
        _ claim: Claim, _ found: ReturnRegistry.Found, hasPlace: Bool = false
    ) {
        // If the id has no session, a new one begins, which a token must permit.
        guard case .session(let name) = claim, let grant,
            worker.shared.tokens.hasIssued(name, under: grant)
        else { return conclude(claim, found, hasPlace: hasPlace) }
        let (home, id, tokens) = (worker.loop.mailbox, id, worker.shared.tokens)
        let limit = tokens.beginAnew(grant, pass) { outcome in
            Self.post(to: home, session: id) { driver in
                if let driver { return driver.useWritten(outcome) }
                // The client has left. In PostgreSQL, giving back twice changes nothing.
                if outcome == .kept, grant.isShared { tokens.giveBack(grant.anew, .use) }
            }
        }
        if let limit { return handle(.limitReached(limit)) }
        awaitBooks(for: .newSession(claim, found, hasPlace: hasPlace))
    }

    func conclude(
        _ claim: Claim, _ found: ReturnRegistry.Found, hasPlace: Bool
    ) {
        switch found {
        case .kept(let memory):
            // With an id, another conversation begins.
            guard case .handle = claim else { return recalled(.unknown, hasPlace: hasPlace) }
            recalled(.remembered(memory), hasPlace: hasPlace)
        case .foreign: recalled(.foreign)
        // Other clients may have returned to it at the same moment: the last one gets it.
        case .live: recalled(.unknown)
        case .unknown:
            guard case .handle(let name, _) = claim else { return recalled(.unknown) }
            if let shared = worker.shared.conversations { return claimFromOthers(name, shared) }
            guard let queries = worker.shared.returnQueries else { return recalled(.unknown) }
            let (home, id) = (worker.loop.mailbox, id)
            queries.ask(name, tenant: policy.tenant) { answer in
                Self.post(to: home, session: id) { $0?.recalled(answer) }
            }
        }
    }

    /// The result of looking a handle up: a session that continues a conversation gets its place
    /// and its budget.
    /// - Parameter hasPlace: Whether the session that drove it until now has a place.
    func recalled(_ answer: Recalled, hasPlace: Bool = false) {
        if case .remembered(let memory) = answer { unoffered = memory }
        guard answer == .unavailable || takesPlace(ofConversation: hasPlace) else {
            guard account.hasRoomElsewhere(limit: policy.limits.sessions) else {
                return handle(.limitReached(.sessions))
            }
            // Places move within a second or two, and the conversation is not lost.
            if case .remembered = answer { return handle(.recalled(.unavailable)) }
            return leave(.elsewhere)
        }
        if case .remembered(let memory) = answer {
            observer.goOn(from: memory.used)
            if let limit = observer.exhausted(tenantPolicy) { return handle(.limitReached(limit)) }
        }
        handle(.recalled(answer))
    }

    // MARK: Moving

    /// Gives the client's connection to the session it belongs to.
    private func move(to live: ReturnRegistry.Live, isByName: Bool) {
        guard let connection = client, connection.isOpen else { return }
        let messages = session.surrender()
        gemini?.source = nil
        connection.source = nil
        guard let departed = connection.leave() else { return }
        client = nil
        worker.shared.returns.alias(id, secret, of: live.session)
        handle(.recalled(.attached))
        Self.post(to: live.mailbox, session: live.session) { driver in
            driver?.arrived(departed, messages, isByName: isByName)
        }
    }

    private func arrived(
        _ departed: DepartedConnection, _ messages: [(bytes: [UInt8], opcode: Opcode)],
        isByName: Bool
    ) {
        if let old = client, !isByName {
            // The old connection is dead, or its client has left it.
            old.delegate = nil
            old.source = nil
            gemini?.source = nil
            old.close(1000, "turnkeeper: the client came back on another connection")
            client = nil
            handle(.clientClosed(.abnormal))
        }
        guard let connection = departed.arrive(on: worker.loop) else { return }
        guard client == nil, session.isParked, let setup = messages.first else {
            return connection.close(1011, "turnkeeper: the session ended; connect again")
        }
        connection.delegate = self
        connection.limits = ConnectionLimits(policy.limits)
        client = connection
        gemini?.source = connection
        connection.source = gemini
        handle(.clientReturned(setup.opcode), payload: setup.bytes)
        renewClaim()
        // Under the token of this session, which may not be the one that the client came with.
        for message in messages.dropFirst() { replay(message.bytes, message.opcode) }
    }
}

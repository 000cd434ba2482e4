import Basics
import Policies
import Sessions
import SimulatedGemini
import Wire

/// One session between a simulated client and the simulated service, on a virtual clock, with a
/// separate network on either side.
final class World {
    /// The destination of something under way.
    enum Address {
        case client
        case service(ConnectionID)
        /// The session, from the client's side or from one of gemini's connections.
        case fromClient
        case fromGemini(ConnectionID)
        /// The client's own intentions.
        case intention
        /// The operator of the proxy.
        case operations
    }

    enum Parcel {
        case message([UInt8], Opcode)
        case close(Close)
        case upgrade
        case accepted
        case refused
        case pong(Interval)
        case dialFailed(DialFailure)
        case deed(Deed.What)
        case toolAnswer(id: String, name: String)
        case drain
        case reload
        case standstill(Interval)
    }

    let swarm: RunConfiguration
    let script: ClientScript
    private(set) var now = Instant(nanoseconds: 0)
    private(set) var trace = TraceHash()
    private(set) var steps = 0
    private(set) var transcript: [String]?
    private(set) var ruleCounts = [Int](repeating: 0, count: Rule.allCases.count)
    private(set) var clientClose: Close?
    private(set) var inputWasDropped = false
    private(set) var wasSetUp = false
    private(set) var remedies = Remedies()
    /// Plays a fixed conversation, if there is one.
    var guest: ScriptedClient?

    let service: SimulatedService
    /// By link, from 1.
    private(set) var legs: [SimulatedLink] = []
    private var used: ConnectionID = 0
    private var session: Session
    var checkers: [any Invariant]
    var grammar = ServerGrammar()
    private var convergence: Converges
    private var failure: Failure?
    /// Does what a session must not, to test the checkers.
    private var saboteur: Saboteur?
    private var pace = LearnedPace()
    /// Facts that occurred.
    private(set) var reached: Set<Coverage.Branch> = []
    /// The process stands still until then, and reads nothing.
    private var standsUntil: Instant?
    /// The client's questions that wait for a first sound, and how long each waited.
    var askedAt: Instant?
    var waits: [Interval] = []
    /// Ends of turns that the client was shown.
    var endsShown = 0
    /// A call and input that it forbids crossed on a slow network.
    private(set) var callsWereCrossed = false

    private var queue = EventQueue<(Address, Parcel)>()
    var random: SeededRandom
    /// Order within a direction is kept: nothing arrives before what was sent earlier.
    private var lastArrival: [Instant]

    private var actions = Actions()
    private var sooner = SoonerIsSaid()
    private var serverActions: [ServerAction] = []
    var isHangingUp = false
    var hungUpAt: Instant?
    var sent = 0
    private var violationsSeen = 0

    /// No run takes more steps; a machine that never comes to rest is a failure.
    private static let stepLimit = 20_000

    init(
        _ swarm: RunConfiguration, guest: ScriptedClient? = nil, isVerbose: Bool,
        sabotage: Sabotage? = nil
    ) {
        saboteur = sabotage.map(Saboteur.init)
        self.swarm = swarm
        convergence = Converges(swarm)
        self.guest = guest
        script = guest.map { ClientScript(swarm, setup: $0.setup) } ?? ClientScript(swarm)
        random = SeededRandom(seed: swarm.seed ^ 0x77_0f1d)
        service = SimulatedService(
            seed: swarm.seed ^ 0x6e_3141, scenario: swarm.scenario, voice: swarm.voice)
        session = Session(id: "simulated", policy: swarm.policy, profiles: .builtIn)
        lastArrival = [Instant](repeating: now, count: 2)
        checkers = [
            ForwardedAsItCame(), RelayedAsItCame(), ClosedForAReason(), EveryTurnEnds(),
            EndComesLast(),
            BoundedBuffer(limit: swarm.policy.limits.buffer),
        ]
        checkers += World.checkers(swarm)
        transcript = isVerbose ? [] : nil
    }

    /// Runs to the end of the session, or to the first broken invariant.
    func run() -> Failure? {
        if let drain = swarm.drain { post(.drain, to: .operations, after: drain) }
        if let still = swarm.standstill {
            post(.standstill(still.length), to: .operations, after: still.after)
        }
        if let reload = swarm.reload { post(.reload, to: .operations, after: reload) }
        toSession(.opened, [])
        while failure == nil, let due = nextDue() {
            steps += 1
            guard steps < World.stepLimit else {
                return Failure(invariant: "Liveness", what: "comes to no rest at \(now)")
            }
            now = max(now, due.at)
            switch due.whose {
            case .queue: deliver()
            case .session: toSession(.wokeUp, [])
            case .leg(let link): toService(link, .wokeUp, [])
            }
        }
        for index in checkers.indices where failure == nil {
            fail(type(of: checkers[index]).name, checkers[index].finish())
        }
        let ladder = swarm.policy.recovery
        if ladder.attempts > 0, ladder.replay, ladder.rebuild, swarm.policy.limits.buffer > 4096,
            // What was too old to be replayed cannot be answered.
            remedies.missing == .zero, clientClose == nil,
            let healed = service.healedAt, let hungUpAt
        {
            fail("Converges", convergence.judge(healed: healed, end: hungUpAt))
        }
        return failure
    }

    private enum Whose {
        case queue, session
        case leg(ConnectionID)
    }

    private func nextDue() -> (at: Instant, whose: Whose)? {
        var next: (at: Instant, whose: Whose)?
        func offer(_ at: Instant?, _ whose: Whose) {
            guard let at, at < next?.at ?? .distantFuture else { return }
            next = (at, whose)
        }
        offer(queue.next, .queue)
        offer(session.deadline.map { max($0, standsUntil ?? $0) }, .session)
        for (index, leg) in legs.enumerated() where !leg.isGone {
            offer(leg.connection?.deadline, .leg(ConnectionID(index + 1)))
        }
        return next
    }

    func fail(_ invariant: String, _ what: String?) {
        guard failure == nil, let what else { return }
        failure = Failure(
            invariant: invariant, what: "at \(now - Instant(nanoseconds: 0)): \(what)")
    }

    func trace(_ line: @autoclosure () -> String) {
        guard transcript != nil else { return }
        let milliseconds = now.nanoseconds / 1_000_000
        transcript?.append("\(milliseconds) ms  \(line())")
    }

    // MARK: The network

    func post(_ parcel: Parcel, to address: Address, after extra: Interval = .zero) {
        let latency: ClosedRange<Int64>
        switch address {
        case .intention, .operations:
            queue.add((address, parcel), at: now + extra)
            return
        case .client, .fromClient: latency = swarm.clientLatency
        case .service, .fromGemini: latency = swarm.geminiLatency
        }
        let delay = Interval(
            nanoseconds: Int64.random(in: latency, using: &random) * 1_000_000
                + Int64.random(in: 0..<1_000_000, using: &random))
        let arrival = now + extra + delay
        queue.add((address, parcel), at: inOrder(arrival, to: address))
    }

    /// Nothing overtakes what was sent before it in the same direction.
    private func inOrder(_ arrival: Instant, to address: Address) -> Instant {
        func later(_ last: inout Instant) -> Instant {
            last = max(arrival, last)
            return last
        }
        switch address {
        case .client: return later(&lastArrival[0])
        case .fromClient: return later(&lastArrival[1])
        case .service(let link): return later(&legs[Int(link) - 1].lastUp)
        case .fromGemini(let link): return later(&legs[Int(link) - 1].lastDown)
        case .intention, .operations: return arrival
        }
    }

    private func deliver() {
        guard let (address, parcel) = queue.removeFirst() else { return }
        if let standsUntil, now < standsUntil, isForSession(address) {
            // It stays in the socket until the process reads again, in order.
            return queue.add((address, parcel), at: standsUntil)
        }
        switch address {
        case .intention: intend(parcel)
        case .operations: operate(parcel)
        case .client: toClient(parcel)
        case .service(let link):
            switch parcel {
            case .upgrade: open(link)
            case .message(let bytes, let opcode): toService(link, .received(opcode), bytes)
            case .close(let close): toService(link, .closed(close), [])
            case .accepted, .refused, .pong, .dialFailed, .deed, .toolAnswer, .drain, .reload,
                .standstill:
                break
            }
        case .fromClient:
            switch parcel {
            case .message(let bytes, let opcode):
                let event = Event.client(bytes, opcode, hearing: session.wantsVoicing)
                toSession(event, bytes)
            case .close(let close): toSession(.clientClosed(close), [])
            case .pong(let roundTrip): toSession(.clientPonged(roundTrip), [])
            case .upgrade, .accepted, .refused, .dialFailed, .deed, .toolAnswer, .drain, .reload,
                .standstill:
                break
            }
        case .fromGemini(let link): fromGemini(link, parcel)
        }
    }

    private func isForSession(_ address: Address) -> Bool {
        switch address {
        case .fromClient, .fromGemini: true
        case .client, .service, .intention, .operations: false
        }
    }

    private func fromGemini(_ link: ConnectionID, _ parcel: Parcel) {
        switch parcel {
        case .message(let bytes, let opcode):
            toSession(.gemini(bytes, opcode, link), bytes)
        case .close(let close): toSession(.geminiClosed(link, close), [])
        case .pong(let roundTrip): toSession(.geminiPonged(link, roundTrip), [])
        case .accepted: toSession(.dialed(link), [])
        case .dialFailed(let why): toSession(.dialFailed(link, why), [])
        case .upgrade, .refused, .deed, .toolAnswer, .drain, .reload, .standstill: break
        }
    }

    private func operate(_ parcel: Parcel) {
        switch parcel {
        case .standstill(let length): standsUntil = now + length
        case .drain: toSession(.drained(by: now + .seconds(5)), [])
        case .reload:
            var policy = swarm.policy
            policy.turns.deadAir = policy.turns.deadAir + .milliseconds(300)
            toSession(.policyChanged(Boxed(policy)), [])
        case .message, .close, .upgrade, .accepted, .refused, .pong, .dialFailed, .deed,
            .toolAnswer:
            break
        }
    }

    // MARK: The session

    private func toSession(_ event: Event, _ payload: [UInt8]) {
        session.handle(event, payload: payload.span, at: now, into: &actions)
        fail("Liveness", sooner.check(&session))
        var list = actions.list
        saboteur?.spoil(&list, event, payload)
        let step = Step(
            at: now, event: event, payload: payload, actions: list,
            held: session.heldBytes + (saboteur?.hoard ?? 0))
        actions.removeAll()
        if case .wokeUp = event, session.deadline ?? .distantFuture <= now, step.actions.isEmpty {
            fail("Liveness", "a deadline that has passed leads to nothing")
        }
        trace("\(Narrator.event(event, payload))")
        for index in checkers.indices {
            fail(type(of: checkers[index]).name, checkers[index].check(step))
        }
        for action in step.actions { perform(action, step) }
        if let clocks = pace.takeNews() { toSession(.learned(clocks), []) }
    }

    private func perform(_ action: Action, _ step: Step) {
        trace.add(now, action)
        if transcript != nil { trace("    \(Narrator.action(action))") }
        switch action {
        case .forward: forward(step)
        case .send(.gemini, let bytes, let opcode):
            post(.message(bytes, opcode), to: .service(used))
        case .send(.client, let bytes, let opcode): post(.message(bytes, opcode), to: .client)
        case .dial(let link): dial(link)
        case .use(let link): used = link
        case .drop(let link): post(.close(.abnormal), to: .service(link))
        case .accept: post(.accepted, to: .client)
        case .refuse: post(.refused, to: .client)
        case .ping(.gemini):
            ping(used)
        case .ping(.client):
            let roundTrip = Interval.milliseconds(swarm.clientLatency.upperBound)
            post(.pong(roundTrip), to: .fromClient, after: roundTrip)
        case .close(.client, let close):
            clientClose = close
            post(.close(close), to: .client)
        case .close(.gemini, let close): post(.close(close), to: .service(used))
        case .choose(let model):
            toSession(.chosen(model: swarm.isSpared ? swarm.sibling ?? model : model), [])
        case .note(let fact): count(fact)
        // Messages under way still arrive: the machine cannot stop the network.
        case .pause, .resume, .limit, .recall, .offer, .keep, .retire: break
        }
    }

    private func forward(_ step: Step) {
        trace.add(step.payload)
        switch step.event {
        case .clientSent(let message, let opcode):
            remedies.forwarded(message)
            post(.message(step.payload, opcode), to: .service(used))
        case .geminiSent(_, let opcode, _), .geminiSentMalformed(_, let opcode, _):
            post(.message(step.payload, opcode), to: .client)
        case .opened, .clientSentMalformed, .dialed, .dialFailed, .geminiPonged, .clientPonged,
            .clientClosed, .geminiClosed, .clientViolated, .geminiViolated, .clientStuck,
            .clientBehind, .clientUnread, .wokeUp, .policyChanged, .limitReached, .drained, .chosen,
            .learned,
            .recalled, .clientReturned, .superseded, .movedAway, .memoryShort:
            fail("I4", "forward without a message in hand")
        }
    }

    private func count(_ fact: Fact) {
        reached.insert(Coverage.branch(of: fact))
        if case .ruleApplied(let rule, _, _) = fact { ruleCounts[rule.index] += 1 }
        if case .inputDropped = fact { inputWasDropped = true }
        if case .setupCompleted = fact { wasSetUp = true }
        pace.hear(fact, at: now)
        remedies.count(fact, at: now)
        convergence.note(fact, at: now)
    }

    private func dial(_ link: ConnectionID) {
        legs.append(SimulatedLink())
        switch link == 1 ? swarm.dial : .works {
        case .works: post(.upgrade, to: .service(link))
        case .fails: post(.dialFailed(.unreachable("no route")), to: .fromGemini(link))
        case .timesOut: post(.dialFailed(.timedOut("connect")), to: .fromGemini(link))
        case .refused:
            let refusal = DialFailure.refused(
                status: 429, contentType: "text/plain", body: Array("slow down".utf8),
                retryAfter: "5")
            post(.dialFailed(refusal), to: .fromGemini(link))
        }
    }

    // MARK: The service

    private func open(_ link: ConnectionID) {
        legs[Int(link) - 1].connection = service.connect()
        let target =
            "/ws/google.ai.generativelanguage.\(swarm.apiVersion).GenerativeService.BidiGenerateContent"
        toService(link, .opened(Upgrade(target: target, apiKey: "KEY")), [])
    }

    private func toService(_ link: ConnectionID, _ event: ServerEvent, _ payload: [UInt8]) {
        let index = Int(link) - 1
        guard let connection = legs[index].connection, !legs[index].isGone else { return }
        connection.handle(event, payload: payload.span, at: now, into: &serverActions)
        if case .closed(let close) = event {
            legs[index].isGone = true
            // The closing handshake.
            if close.code != Close.abnormal.code { post(.close(close), to: .fromGemini(link)) }
        }
        for action in serverActions {
            switch action {
            case .accept: post(.accepted, to: .fromGemini(link))
            case .refuse(let status, let body):
                let refusal = DialFailure.refused(
                    status: status, contentType: "application/json", body: Array(body.utf8),
                    retryAfter: "")
                post(.dialFailed(refusal), to: .fromGemini(link))
            case .send(let bytes, let opcode):
                legs[index].said(bytes, at: now)
                post(.message(bytes, opcode), to: .fromGemini(link))
            case .close(let close):
                legs[index].isGone = true
                post(.close(close), to: .fromGemini(link))
            case .abort:
                legs[index].isGone = true
                post(.close(.abnormal), to: .fromGemini(link))
            case .pauseReading: legs[index].isPaused = true
            case .resumeReading:
                legs[index].isPaused = false
                if legs[index].pingedAt != nil { ping(link) }
            }
        }
        serverActions.removeAll(keepingCapacity: true)
        judgeViolations()
    }

    /// A service that reads nothing answers no ping until it reads again.
    private func ping(_ link: ConnectionID) {
        let index = Int(link) - 1
        guard legs.indices.contains(index), !legs[index].isGone else { return }
        let sentAt = legs[index].pingedAt ?? now
        legs[index].pingedAt = legs[index].isPaused ? sentAt : nil
        guard !legs[index].isPaused else { return }
        let latency = Interval.milliseconds(swarm.geminiLatency.upperBound)
        post(.pong(now - sentAt + latency), to: .fromGemini(link), after: latency)
    }

    /// Input sent after the process resumed, but before it had read of a call, is under way.
    private var stoodStill: Bool {
        let underWay = Interval.milliseconds(swarm.geminiLatency.upperBound)
        return standsUntil.map { now <= $0 + underWay } ?? false
    }

    private func judgeViolations() {
        guard service.violationCount > violationsSeen else { return }
        let violations = service.violations
        defer { violationsSeen = violations.count }
        for violation in violations.dropFirst(violationsSeen) {
            trace("    gemini objects: \(violation.kind) \(violation.detail)")
            let law = Legality(swarm: swarm, stoodStill: stoodStill)
            let invariant = law.invariant(violation.kind, connections: service.connectionCount)
            guard let invariant else {
                callsWereCrossed = callsWereCrossed || violation.kind == .inputDuringCall
                continue
            }
            fail(invariant, "gemini objects: \(violation.kind) \(violation.detail)")
        }
    }
}

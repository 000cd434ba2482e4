import Basics
import Policies
import Sessions
import Sharing
import SimulatedGemini
import Simulation
import Wire

/// Several nodes of one service, their database, a balancer, clients and gemini, on a virtual clock.
/// Sessions are the real ones, and what nodes share is decided by the code that decides it in the
/// proxy; threads, sockets and the database are values here.
final class Fleet {
    enum Parcel {
        case blow(FleetPlan.Blow)
        case dial(client: Int)
        case ask(client: Int)
        case fromClient(FleetLine, [UInt8])
        case clientGone(FleetLine)
        case toClient(FleetLine, [UInt8])
        case accepted(FleetLine)
        case closed(FleetLine, Close)
        case toGemini(seat: Int, link: ConnectionID, ServerEvent, [UInt8])
        case fromGemini(seat: Int, link: ConnectionID, Event, [UInt8])
        case wakeSeat(Int)
        case wakeLeg(seat: Int, link: ConnectionID)
        case event(seat: Int, Event)
        case movedAway(seat: Int)
        case impatience(FleetLine, isHeard: Bool)
        case recall(seat: Int, Claim, UInt64)
        case resumeClaim(seat: Int, digest: String, generation: Int64?, asked: Instant)
        case run(FleetProcess)
        case execute(FleetProcess, FleetJob, number: Int, answersAt: Instant?)
        case answer(FleetProcess, FleetJob, number: Int, FleetAnswer)
        case giveUp(FleetProcess, FleetJob, number: Int, isConnectionLost: Bool)
        case second(FleetProcess)
        case ship(FleetProcess)
    }

    let plan: FleetPlan
    let sabotage: FleetSabotage?
    let policy: Boxed<Policy>
    private(set) var now = Instant(nanoseconds: 0)
    var failure: Failure?
    private(set) var steps = 0
    private(set) var transcript: [String]?

    var random: SeededRandom
    var database = FleetDatabase()
    let service: SimulatedService
    /// Of each node the newest.
    var nodes: [FleetProcess] = []
    var processCount = 0
    var drains: [(process: FleetProcess, until: Instant)] = []
    var seats: [FleetSeat] = []
    var clients: [FleetClient] = []
    /// Memories that drafts name by number, and the questions that were answered until then.
    var memories: [(memory: Memory, knows: Set<String>)] = []
    var checks = FleetChecks()
    var tally = FleetTally()
    private var queue = EventQueue<Parcel>()
    private var actions = Actions()
    private var serverActions: [ServerAction] = []
    let end: Instant

    private static let stepLimit = 400_000

    init(_ plan: FleetPlan, sabotage: FleetSabotage? = nil, isVerbose: Bool = false) {
        self.plan = plan
        self.sabotage = sabotage
        transcript = isVerbose ? [] : nil
        random = SeededRandom(seed: plan.seed ^ 0x6e6f_6465)
        service = SimulatedService(seed: plan.seed ^ 0x67_656d, scenario: .healthy)
        var policy = Policy()
        policy.tenant = "acme"
        policy.limits.sessions = plan.sessions
        policy.budget.dayMicroUSD = plan.budget
        policy.client.park = plan.parks ? .seconds(15) : .zero
        self.policy = Boxed(policy)
        end = plan.healed + .seconds(60)
        database.conversations.isUnfenced = sabotage == .unfenced
        database.conversations.isHasty = sabotage == .hastyFence
        database.conversations.isTimeless = sabotage == .timelessClaims
        database.tokens.isUnbounded = sabotage == .unboundedToken
        database.places.isGenerous = sabotage == .generousPlaces
        if plan.tokenUses > 0 { database.tokens.mint("token", uses: plan.tokenUses) }
        for node in 0..<plan.nodes { start(node) }
        for number in 0..<plan.clients + plan.visitors {
            let isVisitor = number >= plan.clients
            clients.append(
                FleetClient(number, isVisitor: isVisitor, turns: isVisitor ? 1 : plan.turns))
            post(.dial(client: number), after: .milliseconds(draw(1...15_000)))
        }
        for (at, blow) in plan.blows { queue.add(.blow(blow), at: at) }
    }

    func draw(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }

    func post(_ parcel: Parcel, after delay: Interval) { queue.add(parcel, at: now + delay) }

    func trace(_ line: @autoclosure () -> String) {
        guard transcript != nil else { return }
        transcript?.append("\(now.nanoseconds / 1_000_000) ms  \(line())")
    }

    func fail(_ checker: FleetChecker, _ what: @autoclosure () -> String) {
        guard failure == nil else { return }
        failure = Failure(
            invariant: checker.rawValue, what: "at \(now - Instant(nanoseconds: 0)): \(what())")
    }

    func run() -> Failure? {
        while failure == nil, let next = queue.next, next < end, let parcel = queue.removeFirst() {
            steps += 1
            guard steps < Self.stepLimit else {
                fail(.rest, "comes to no rest")
                break
            }
            now = next
            deliver(parcel)
        }
        if failure == nil { finish() }
        return failure
    }

    private func deliver(_ parcel: Parcel) {
        switch parcel {
        case .blow(let blow): strike(blow)
        case .dial(let client): dial(client)
        case .ask(let client): ask(client)
        case .fromClient(let line, let bytes): fromClient(line, bytes)
        case .clientGone(let line):
            if let seat = seat(of: line) {
                seat.line = nil
                handle(seat, .clientClosed(.abnormal))
            }
        case .toClient(let line, let bytes): if !line.isCut { toClient(line, bytes) }
        case .accepted(let line): if !line.isCut { accepted(line) }
        case .closed(let line, let close): if !line.isCut { closed(line, close) }
        case .toGemini(let seat, let link, let event, let bytes):
            toGemini(seats[seat], link, event, bytes)
        case .fromGemini(let number, let link, let event, let bytes):
            let seat = seats[number]
            guard seat.process.isAlive, !seat.isGone else { return }
            if case .geminiClosed = event { seat.legs[Int(link) - 1].isGone = true }
            handle(seat, event, bytes)
        case .wakeSeat(let number):
            let seat = seats[number]
            guard seat.process.isAlive, !seat.isGone else { return }
            seat.armed = nil
            if let due = seat.session.deadline, due <= now {
                handle(seat, .wokeUp)
            } else {
                arm(seat)
            }
        case .wakeLeg(let number, let link):
            seats[number].legs[Int(link) - 1].armed = nil
            toGemini(seats[number], link, .wokeUp, [])
        case .event(let number, let event):
            let seat = seats[number]
            if seat.process.isAlive, !seat.isGone { handle(seat, event) }
        case .movedAway(let number): movedAway(seats[number])
        case .impatience(let line, let isHeard):
            if clients[line.client].line === line, clients[line.client].state == .settingUp {
                cut(line, isHeard: isHeard, within: 50)
            }
        case .recall(let number, let claim, let fingerprint):
            let seat = seats[number]
            if seat.process.isAlive, !seat.isGone { recall(seat, claim, fingerprint) }
        case .resumeClaim(let number, let digest, let generation, let asked):
            resumeClaim(seats[number], digest, generation, asked: asked)
        case .run(let process): run(process)
        case .execute(let process, let job, let number, let answersAt):
            execute(process, job, number, answersAt)
        case .answer(let process, let job, let number, let answer):
            answered(process, job, number, answer)
        case .giveUp(let process, let job, let number, let isLost):
            gaveUp(process, job, number, isConnectionLost: isLost)
        case .second(let process):
            guard process.isAlive else { return }
            process.save()
            post(.second(process), after: .seconds(1))
        case .ship(let process): ship(process)
        }
    }

    // MARK: Sessions

    func handle(_ seat: FleetSeat, _ event: Event, _ payload: [UInt8] = []) {
        guard !seat.isStepping else {
            seat.waiting.append(event)
            return
        }
        seat.isStepping = true
        seat.session.handle(event, payload: payload.span, at: now, into: &actions)
        let (list, usage) = (actions.list, actions.usage)
        actions.removeAll()
        for action in list { perform(action, seat, event, payload, usage) }
        seat.isStepping = false
        while !seat.waiting.isEmpty, !seat.isStepping { handle(seat, seat.waiting.removeFirst()) }
        settle(seat)
        arm(seat)
    }

    func arm(_ seat: FleetSeat) {
        guard !seat.isGone, let due = seat.session.deadline else { return }
        if let armed = seat.armed, armed <= due { return }
        seat.armed = due
        queue.add(.wakeSeat(seat.number), at: max(due, now))
    }

    func armLeg(_ seat: FleetSeat, _ link: ConnectionID) {
        let index = Int(link) - 1
        guard !seat.legs[index].isGone, let due = seat.legs[index].connection?.deadline else {
            return
        }
        if let armed = seat.legs[index].armed, armed <= due { return }
        seat.legs[index].armed = due
        queue.add(.wakeLeg(seat: seat.number, link: link), at: max(due, now))
    }

    // MARK: Gemini

    func toGemini(
        _ seat: FleetSeat, _ link: ConnectionID, _ event: ServerEvent, _ payload: [UInt8]
    ) {
        let index = Int(link) - 1
        if case .opened = event { seat.legs[index].connection = service.connect() }
        guard let connection = seat.legs[index].connection else { return }
        connection.handle(event, payload: payload.span, at: now, into: &serverActions)
        let list = serverActions
        serverActions.removeAll()
        func reply(_ event: Event, _ bytes: [UInt8] = []) {
            post(
                .fromGemini(seat: seat.number, link: link, event, bytes),
                after: seat.legs[index].delay)
        }
        for action in list {
            switch action {
            case .accept: reply(.dialed(link))
            case .refuse(let status, let body):
                reply(
                    .dialFailed(
                        link,
                        .refused(
                            status: status, contentType: "application/json",
                            body: Array(body.utf8), retryAfter: "")))
            case .send(let bytes, let opcode):
                do {
                    reply(.geminiSent(try ServerMessage.scan(bytes.span), opcode, link), bytes)
                } catch { fail(.rest, "gemini's message cannot be read") }
            case .close(let close): reply(.geminiClosed(link, close))
            case .abort: reply(.geminiClosed(link, .abnormal))
            case .pauseReading, .resumeReading: break
            }
        }
        if case .closed = event { reply(.geminiClosed(link, .abnormal)) }
        armLeg(seat, link)
    }
}

/// What a fleet has done, for who wants to know whether anything happened at all.
public struct FleetTally: Sendable {
    public var answers = 0
    public var resumptions = 0
    public var claims = 0
    public var putOff = 0
    public var refusedWrites = 0
    /// Of what others had claimed, and not taken yet.
    public var lastWrites = 0
    public var moves = 0
    public var giveUps = 0
    public var kills = 0
    public var spent = 0
    public var fullTokens = 0
    public var fullPlaces = 0
    /// Places that conversations brought along.
    public var takenOver = 0

    public init() {}

    public mutating func add(_ other: FleetTally) {
        answers += other.answers
        resumptions += other.resumptions
        claims += other.claims
        putOff += other.putOff
        refusedWrites += other.refusedWrites
        lastWrites += other.lastWrites
        moves += other.moves
        giveUps += other.giveUps
        kills += other.kills
        spent += other.spent
        fullTokens += other.fullTokens
        fullPlaces += other.fullPlaces
        takenOver += other.takenOver
    }
}

import Basics
import Sharing

/// What a process asks of the database: a question of a worker, or a part of a round.
enum FleetJob {
    case connect
    case present(isDraining: Bool)
    case giveBack([TokenReturns.Use])
    case superseded
    case acknowledge([Superseded])
    case keep([Draft])
    case readPlaces(window: Interval)
    case savePlaces([PlaceRounds.Entry], OtherPlaces, begun: Instant, window: Interval)
    case writeSpending([(key: SpendingTable.Key, cost: Int64)])
    case readSpending(OtherSpending)
    case leave
    case claim(seat: Int, digest: String, asked: Instant, FleetClaimStep)
    case take(seat: Int, digest: String, generation: Int64)
    case settle(seat: Int, [Draft])
    case visit(visitor: Int, session: String)

    /// It is in a transaction that the process itself commits: what it has given up is not done. A
    /// statement by itself may be done long after, when a network or a server goes on.
    var isTransaction: Bool {
        switch self {
        case .claim, .take, .keep, .settle, .savePlaces, .writeSpending: true
        case .connect, .present, .giveBack, .superseded, .acknowledge, .readPlaces, .readSpending,
            .leave, .visit:
            false
        }
    }

    var isDrafts: Bool {
        if case .keep = self { true } else { false }
    }

    var isQuestion: Bool {
        switch self {
        case .claim, .take, .settle, .visit: true
        case .connect, .present, .giveBack, .superseded, .acknowledge, .keep, .readPlaces,
            .savePlaces,
            .writeSpending, .readSpending, .leave:
            false
        }
    }
}

/// What the database answers.
enum FleetAnswer {
    case done
    case superseded([Superseded])
    case outcome(Drafts.Outcome)
    case places([(process: String, isDraining: Bool)], [OtherPlaces.Row], horizon: Int64)
    case held([String: Int])
    case spending([(tenant: String, process: String, cost: Int64)], horizon: Int64)
    case claimed(FleetClaim)
    case visited(TokenTable.Visit)
}

/// The tables of a service.
struct FleetDatabase {
    var conversations = ConversationTable()
    var tokens = TokenTable()
    var places = PlaceTable()
    var spending = SpendingTable()
    /// What gemini has reported, by session and number.
    var books: [BookRow.Key: Int64] = [:]

    mutating func perform(
        _ job: FleetJob, by process: FleetProcess, at now: Instant, _ sabotage: FleetSabotage?
    ) -> FleetAnswer {
        let id = process.id
        switch job {
        case .connect: return .done
        case .present(let isDraining): places.present(id, isDraining: isDraining, at: now)
        case .giveBack(let uses):
            tokens.giveBack(
                uses.map { TokenTable.Use(digest: $0.digest, session: $0.session) })
        case .superseded: return .superseded(conversations.superseded(of: id))
        case .acknowledge(let superseded): conversations.acknowledge(superseded, of: id)
        case .keep(let drafts) where sabotage == .forgetfulDatabase && drafts[0].bytes[0] % 4 == 3:
            return .outcome(Drafts.Outcome())
        case .keep(let drafts), .settle(_, let drafts):
            return .outcome(conversations.keep(drafts.map(\.row), by: id, at: now))
        case .readPlaces(let window):
            for old in process.dead { places.bury(old) }
            let next = places.horizon
            let present = places.present(within: window, at: now)
            var others = process.others
            others.hear(present, as: id)
            return .places(
                present, places.changes(since: others.horizon, except: id), horizon: next)
        case .savePlaces(let entries, _, _, let window):
            return .held(places.save(entries, by: id, within: window, at: now))
        case .writeSpending(let costs): spending.write(costs, by: id)
        case .readSpending(let others):
            return .spending(
                spending.changes(since: others.horizon, on: others.day, except: id),
                horizon: spending.horizon)
        case .leave: places.leave(id)
        case .claim(let seat, let digest, let asked, .again):
            return switch conversations.renew(digest, session: "s\(seat)", asked: asked, by: id) {
            case .none: .claimed(.unknown)
            case .some(.none): .claimed(.superseded)
            case .some(.some(let generation)): .claimed(.renewed(generation))
            }
        case .claim(let seat, let digest, let asked, _):
            let claimed = conversations.claim(
                digest, tenant: "acme", keys: ["k"], asked: asked, by: id, at: now)
            guard case .claimed(let generation, let isDriven) = claimed else {
                return .claimed(claimed == .superseded ? .superseded : .unknown)
            }
            if isDriven { return .claimed(.driven(generation)) }
            return take(digest, generation, seat: seat, by: id, at: now, sabotage)
        case .take(let seat, let digest, let generation):
            return take(digest, generation, seat: seat, by: id, at: now, sabotage)
        case .visit(_, let session):
            return .visited(tokens.visit(TokenTable.Use(digest: "token", session: session)))
        }
        return .done
    }

    private mutating func take(
        _ digest: String, _ generation: Int64, seat: Int, by process: String, at now: Instant,
        _ sabotage: FleetSabotage?
    ) -> FleetAnswer {
        let taken = conversations.take(
            digest, generation, session: "s\(seat)", by: process, at: now,
            isThere: { places.isThere($0, within: PlaceRounds.absence, at: now) })
        guard let taken else { return .claimed(.superseded) }
        return .claimed(
            .taken(
                memory: Draft.memory(in: taken.text), generation, age: taken.age,
                hasPlace: taken.hasPlace && sabotage != .lostPlaces))
    }
}

/// Of a client that has just come, or if nobody knew its handle, a while later; or of one that has come
/// back to its session.
enum FleetClaimStep { case first, last, again }

/// What came of a claim: as `Conversations.Answer`.
enum FleetClaim {
    case taken(memory: Int, Int64, age: Interval, hasPlace: Bool)
    case driven(Int64)
    /// The process had it already.
    case renewed(Int64)
    case superseded
    case unknown
}

/// A report of gemini's in the books.
struct BookRow {
    struct Key: Hashable {
        var session: String
        var number: Int
    }

    var key: Key
    var cost: Int64
    /// When the report came.
    var at: Instant
}

extension Draft {
    var row: ConversationTable.Row {
        ConversationTable.Row(
            digest: digest, generation: generation, session: session, tenant: tenant,
            isOver: isOver, leavesPlace: leavesPlace, key: "k",
            text: bytes.map(String.init).joined(separator: ","))
    }

    /// The number that stands for a memory here.
    init(
        _ memory: Int, _ digest: String, _ generation: Int64, session: String, isOver: Bool,
        leavesPlace: Bool, since: Instant
    ) {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: memory >> ($0 * 8)) }
        self.init(
            digest: digest, generation: generation, session: session, tenant: "acme",
            isOver: isOver, leavesPlace: leavesPlace, bytes: bytes, since: since)
    }

    static func memory(in text: String) -> Int {
        text.split(separator: ",").enumerated().reduce(0) { sum, byte in
            sum | (Int(byte.element) ?? 0) << (byte.offset * 8)
        }
    }
}

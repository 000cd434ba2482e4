public import Basics
import CLinux
public import Sharing
import Synchronization
import Transport

/// Keeps conversations for other nodes, and takes over those that others have kept, through the
/// connection for what nodes share. A worker hands over a state and continues; a round writes it,
/// about twice a second. Only the newest state of each conversation waits.
public final class Conversations: Sendable {
    /// Hides the words from anyone who can read the database; called on the thread of
    /// `SharedState`.
    public struct Sealing: Sendable {
        /// Takes bytes, and the name of their row; nil if they cannot be sealed.
        public var seal: @Sendable ([UInt8], String) -> (key: String, text: String)?
        /// Takes key, text and row; nil if the text does not match.
        public var open: @Sendable (String, String, String) -> [UInt8]?
        /// The keys that open; the first seals. An empty one stands for what is not sealed.
        public var keys: [String]

        public init(
            keys: [String],
            seal: @escaping @Sendable ([UInt8], String) -> (key: String, text: String)?,
            open: @escaping @Sendable (String, String, String) -> [UInt8]?
        ) {
            self.keys = keys
            self.seal = seal
            self.open = open
        }
    }

    /// The result of a claim.
    public enum Answer: Equatable, Sendable {
        /// This process drives it from now on, in this generation. `holder`: the node that had it,
        /// if it has not released it. `hasPlace`: the conversation still has one of the tenant's
        /// places.
        case taken(
            bytes: [UInt8], generation: Int64, age: Interval, holder: String?, hasPlace: Bool)
        /// Another process drives it, and has learned of this claim: unless it is gone, it writes
        /// what is left to write, and releases the conversation, in its next round. Take it after
        /// that.
        case driven(generation: Int64)
        /// There is a newer claim.
        case superseded
        case foreign
        case unknown
        /// It is sealed with a key that this node does not have.
        case sealed(key: String)
        /// It was changed since it was written: it cannot be opened.
        case broken
        /// The state is unknown, with the reason.
        case failed(String)
    }

    /// The result of claiming again what this process drives.
    public enum Renewed: Equatable, Sendable {
        case renewed(generation: Int64)
        /// Another process has it, or was asked for it since.
        case superseded
        /// No other process knows it yet.
        case unknown
        /// The state is unknown.
        case failed
    }

    private struct State {
        var drafts = Drafts(room: Conversations.room)
        /// Other nodes' keys that this node does not have; nil before the first check.
        var missing: [String]?
        var supersede: (@Sendable (_ digest: String, _ generation: Int64) -> Void)?
        var wrote: (@Sendable ([Interval]) -> Void)?
        /// By the clock of `tk_now`.
        var nextCheck: Int64 = 0
        /// Callers that wait for a round begun since then, by the clock of `tk_now`.
        var waiting: [(heard: Latch, since: Int64)] = []
    }
    private let state = Mutex(State())
    private let shared: SharedState
    private let sealing: Sealing
    private let driver: Driver
    private let claims: Gathering<ConversationClaim, Answer>
    private let takes: Gathering<ConversationTake, Answer>
    private let renewals: Gathering<ConversationClaim, Renewed>

    /// Per statement: conversations that are taken over have words, up to 64 KiB each.
    private static let most = 100

    /// For drafts: ten thousand turns of an ordinary conversation, for an outage.
    fileprivate static let room = 64 << 20
    /// In bytes, per statement.
    private static let batch = 2 << 20
    /// Per round, in nanoseconds: returning clients wait for the same connection.
    private static let share = Int64(250_000_000)

    /// Create it before `shared` is started.
    public init(_ shared: SharedState, _ sealing: Sealing) {
        self.shared = shared
        self.sealing = sealing
        driver = Driver(node: shared.remote.node, process: shared.process)
        claims = Gathering(shared, most: Self.most)
        takes = Gathering(shared, most: Self.most)
        renewals = Gathering(shared, most: Self.most)
        shared.everyRound { [unowned self] (postgres) throws(LedgerError) in try round(postgres) }
        shared.forgetsConversations()
    }

    /// Other nodes' keys that this one does not have: it then keeps and claims nothing.
    public var missing: [String] { state.withLock { $0.missing ?? [] } }

    /// The number of waiting drafts, and how long the oldest has waited; and the number lost since
    /// the start.
    public var condition: (waiting: Int, oldest: Interval, lost: Int) {
        state.withLock { state in
            let now = Instant(nanoseconds: tk_now())
            return (state.drafts.count, now - (state.drafts.since ?? now), state.drafts.lost)
        }
    }

    // MARK: For workers

    /// - Parameter supersede: Called on the thread: another node continues a conversation, in this
    ///   generation. Settle it then: for a moment its newest state is still accepted.
    public func onSuperseded(_ supersede: @escaping @Sendable (String, Int64) -> Void) {
        state.withLock { $0.supersede = supersede }
    }

    /// - Parameter wrote: Called on the thread: how long each conversation's state, just written,
    ///   was missing from the database.
    public func onWritten(_ wrote: @escaping @Sendable ([Interval]) -> Void) {
        state.withLock { $0.wrote = wrote }
    }

    /// Writes the draft in the next round.
    public func keep(_ draft: Draft) {
        state.withLock { if $0.missing?.isEmpty != false { $0.drafts.add(draft) } }
    }

    /// Writes the waiting state of a conversation now: its client is about to ask another node for
    /// it, or has asked. Others are written along, because a drain settles many at once.
    /// - Parameter receive: Called once, as for `claim`, whether or not it could be written.
    public func settle(_ digest: String, _ receive: @escaping @Sendable () -> Void) {
        shared.ask { [self] (postgres) throws(LedgerError) in
            guard state.withLock({ $0.missing?.isEmpty == true }) else { return }
            let drafts = state.withLock { state in
                state.drafts.remove(digest).map { [$0] + state.drafts.dequeue(Self.batch) } ?? []
            }
            if !drafts.isEmpty { try write(drafts, postgres) }
        } then: { _ in
            receive()
        }
    }

    /// Claims a conversation, and takes it over for this session unless another process drives it,
    /// or the client has asked another since.
    /// - Parameters:
    ///   - asked: When the client came here for it, by the clock of `tk_now`.
    ///   - receive: Called once, on any thread, perhaps before this returns; at the latest
    ///   `Rounds.patience` after it.
    public func claim(
        _ digest: String, tenant: String, session: String, asked: Instant,
        _ receive: @escaping @Sendable (Answer) -> Void
    ) {
        claims.ask(
            ConversationClaim(digest: digest, tenant: tenant, session: session, asked: asked),
            { [self] (claims, postgres) throws(LedgerError) in try claim(claims, postgres) },
            then: { receive(Self.answer($0)) })
    }

    /// Takes over a conversation that was claimed in this generation.
    /// - Parameter receive: As for `claim`.
    public func take(
        _ digest: String, _ generation: Int64, session: String,
        _ receive: @escaping @Sendable (Answer) -> Void
    ) {
        takes.ask(
            ConversationTake(digest: digest, generation: generation, session: session),
            { [self] (takes, postgres) throws(LedgerError) in
                try postgres.atomically { () throws(LedgerError) in try take(takes, postgres) }
            }, then: { receive(Self.answer($0)) })
    }

    /// Claims a conversation again that this process drives: its client has returned.
    /// - Parameters:
    ///   - asked: When the client came, by the clock of `tk_now`.
    ///   - receive: As for `claim`.
    public func renew(
        _ digest: String, session: String, asked: Instant,
        _ receive: @escaping @Sendable (Renewed) -> Void
    ) {
        renewals.ask(
            ConversationClaim(digest: digest, tenant: "", session: session, asked: asked),
            { [self] (claims, postgres) throws(LedgerError) in
                // The claim may be for a conversation that is not written yet.
                try writeDrafts(of: claims, postgres)
                let now = Instant(nanoseconds: tk_now())
                return try postgres.atomically { () throws(LedgerError) in
                    try postgres.renew(claims, at: now, by: driver)
                }
            },
            then: { answer in
                if case .success(let renewed) = answer {
                    receive(renewed)
                } else {
                    receive(.failed)
                }
            })
    }

    private static func answer(_ result: Result<Answer, SharedState.Failure>) -> Answer {
        switch result {
        case .success(let answer): answer
        case .failure(let failure): .failed(failure.description)
        }
    }

    private func claim(
        _ claims: [ConversationClaim], _ postgres: Postgres
    ) throws(LedgerError) -> [Answer] {
        if let key = missing.first { return claims.map { _ in .sealed(key: key) } }
        // This process may have driven them a moment ago.
        try writeDrafts(of: claims, postgres)
        let now = Instant(nanoseconds: tk_now())
        // A single statement would still be executed after the database's client has given up: the
        // process that drives the conversation would lose it, and none would have it.
        return try postgres.atomically { () throws(LedgerError) in
            let claimed = try postgres.claim(claims, keys: sealing.keys, at: now, by: driver)
            var free: [(number: Int, take: ConversationTake)] = []
            for (number, claim) in claims.enumerated() {
                guard case .claimed(let generation, isDriven: false) = claimed[number] else {
                    continue
                }
                free.append(
                    (
                        number,
                        ConversationTake(
                            digest: claim.digest, generation: generation, session: claim.session)
                    ))
            }
            var answers = claimed.map { (claimed) -> Answer in
                switch claimed {
                case .claimed(let generation, _): Answer.driven(generation: generation)
                case .superseded: .superseded
                case .foreign: .foreign
                case .sealed(let key): .sealed(key: key)
                case .unknown: .unknown
                }
            }
            let taken = try take(free.map(\.take), postgres)
            for (free, answer) in zip(free, taken) { answers[free.number] = answer }
            return answers
        }
    }

    private func take(
        _ takes: [ConversationTake], _ postgres: Postgres
    ) throws(LedgerError) -> [Answer] {
        guard !takes.isEmpty else { return [] }
        let rows = try postgres.take(takes, by: driver)
        return zip(takes, rows).map { (take, row) -> Answer in
            guard let row else { return .superseded }
            guard let bytes = sealing.open(row.key, row.text, take.digest) else { return .broken }
            return .taken(
                bytes: bytes, generation: take.generation, age: row.age, holder: row.holder,
                hasPlace: row.hasPlace)
        }
    }

    /// Blocks until a round that began after this call has reported which conversations have moved.
    /// Returns early if the database was unreachable before, and after `Rounds.patience`: then this
    /// is unknown. During the standstill the process may have lost its connection.
    /// - Parameter moment: The last one before the standstill, by the clock of `tk_now`.
    public func awaitRound(stoodStillSince moment: Int64) {
        guard !shared.wasAway(at: moment), missing.isEmpty else { return }
        let heard = Latch()
        state.withLock { $0.waiting.append((heard, tk_now())) }
        shared.hasten()
        _ = heard.wait(within: Rounds.patience)
        state.withLock { $0.waiting.removeAll { $0.heard === heard } }
    }

    // MARK: The thread

    private func round(_ postgres: Postgres) throws(LedgerError) {
        try checkKeys(postgres)
        guard state.withLock({ $0.missing?.isEmpty == true }) else { return }
        let began = tk_now()
        let superseded = try postgres.superseded(of: driver)
        tell(superseded)
        state.withLock { state in
            for waiting in state.waiting where waiting.since <= began { waiting.heard.arrive() }
        }
        if !superseded.isEmpty { try postgres.acknowledge(superseded, of: driver) }
        let end = shared.isEnding ? Int64.max : tk_now() + Self.share
        while tk_now() < end {
            let drafts = state.withLock { $0.drafts.dequeue(Self.batch) }
            if drafts.isEmpty { return }
            try write(drafts, postgres)
        }
        shared.hasten()
    }

    /// May repeat a report: its reader compares generations.
    private func tell(_ superseded: [Superseded]) {
        let supersede = state.withLock { $0.supersede }
        for each in superseded { supersede?(each.digest, each.generation) }
    }

    /// Runs in the first round, and once a minute.
    private func checkKeys(_ postgres: Postgres) throws(LedgerError) {
        guard tk_now() >= state.withLock({ $0.nextCheck }) else { return }
        let unknown = try postgres.canaries().filter { canary in
            sealing.open(canary.key, canary.text, Self.canaryRow) != Self.canary
        }
        if unknown.isEmpty, let canary = sealing.seal(Self.canary, Self.canaryRow),
            !canary.key.isEmpty
        {
            try postgres.use(key: canary.key, canary: canary.text)
        }
        state.withLock { state in
            state.missing = unknown.map(\.key)
            state.nextCheck = tk_now() + 60_000_000_000
        }
    }

    private static let canary = Array("turnkeeper".utf8)
    private static let canaryRow = "canary"

    private func writeDrafts(
        of claims: [ConversationClaim], _ postgres: Postgres
    ) throws(LedgerError) {
        let drafts = state.withLock { state in
            claims.compactMap { state.drafts.remove($0.digest) }
        }
        if !drafts.isEmpty { try write(drafts, postgres) }
    }

    private func write(_ drafts: [Draft], _ postgres: Postgres) throws(LedgerError) {
        let rows = drafts.compactMap { draft in
            sealing.seal(draft.bytes, draft.digest).map { sealed in
                KeptConversation(
                    digest: draft.digest, generation: draft.generation, session: draft.session,
                    tenant: draft.tenant, isOver: draft.isOver, leavesPlace: draft.leavesPlace,
                    key: sealed.key, text: sealed.text)
            }
        }
        do {
            // A single statement may still be executed when a network that held it up resumes: then
            // it would undo what was written since.
            let outcome = try postgres.atomically { () throws(LedgerError) in
                try postgres.keep(rows, by: driver)
            }
            let now = Instant(nanoseconds: tk_now())
            state.withLock { state in
                state.drafts.lose(drafts.count - rows.count)
                return state.wrote
            }?(drafts.filter { !outcome.refused.contains($0.digest) }.map { now - $0.since })
            tell(outcome.superseded(of: drafts))
        } catch {
            state.withLock { state in
                if error.isOfTheRows {
                    state.drafts.lose(drafts.count)
                } else if state.missing?.isEmpty != false {
                    state.drafts.putBack(drafts)
                }
            }
            throw error
        }
    }
}

extension SharedState {
    /// The keys with which nodes encrypt conversations, for a node that keeps none. It also forgets
    /// what others have left. Blocks for `Rounds.patience` at most; empty if the database does not
    /// say.
    public func keysOfConversations() -> [String] {
        forgetsConversations()
        let (found, said) = (Found(), Latch())
        ask { (postgres) throws(LedgerError) in
            try postgres.canaries().map(\.key)
        } then: { answer in
            if case .success(let keys) = answer { found.keys.withLock { $0 = keys } }
            said.arrive()
        }
        said.wait()
        return found.keys.withLock { $0 }
    }

    private final class Found: Sendable {
        let keys = Mutex<[String]>([])
    }
}

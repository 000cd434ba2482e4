public import Basics
import CLinux
public import Sharing
import Synchronization
import Transport

/// Keeps conversations for other nodes, and takes over what they have kept, through the connection of
/// what nodes share. A worker leaves what is to be kept and goes on; a round writes it, about twice a
/// second. Of each conversation only the newest waits.
public final class Conversations: Sendable {
    /// How what was said is hidden from whoever reads the database; called on the thread of
    /// `SharedState`.
    public struct Sealing: Sendable {
        /// Bytes, and the name of their row; nil if they cannot be sealed.
        public var seal: @Sendable ([UInt8], String) -> (key: String, text: String)?
        /// Key, text and row; nil if it is not what was sealed.
        public var open: @Sendable (String, String, String) -> [UInt8]?
        /// Of the keys that can be opened; the first seals. Empty for none.
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

    /// What came of a claim.
    public enum Answer: Equatable, Sendable {
        /// It is ours from now on, in this generation. `holder`: the node that had it, if it has not
        /// let go. `hasPlace`: one of the tenant's places is its own still.
        case taken(
            bytes: [UInt8], generation: Int64, age: Interval, holder: String?, hasPlace: Bool)
        /// Another process drives it, and has been told of this claim: unless it is gone, it writes
        /// what is left to write, and lets go, in its next round. To be taken after that.
        case driven(generation: Int64)
        /// There is a newer claim.
        case superseded
        case foreign
        case unknown
        /// With a key that this node does not have.
        case sealed(key: String)
        /// It was changed since it was written: nobody can open it.
        case broken
        /// Nobody can tell.
        case failed(String)
    }

    /// What came of laying claim again to what this process drives.
    public enum Renewed: Equatable, Sendable {
        case renewed(generation: Int64)
        /// Another process has it, or was asked for it since.
        case superseded
        /// Nobody else knows it yet.
        case unknown
        /// Nobody can tell.
        case failed
    }

    private struct State {
        var drafts = Drafts(room: Conversations.room)
        /// Keys of others that this node does not have; nil until it was looked.
        var missing: [String]?
        var supersede: (@Sendable (_ digest: String, _ generation: Int64) -> Void)?
        var wrote: (@Sendable ([Interval]) -> Void)?
        /// By the clock of `tk_now`.
        var nextTidying: Int64 = 0
        /// Who waits for a round that has begun since, by the clock of `tk_now`.
        var waiting: [(heard: Latch, since: Int64)] = []
    }
    private let state = Mutex(State())
    private let shared: SharedState
    private let sealing: Sealing
    private let driver: Driver
    private let claims: Gathering<ConversationClaim, Answer>
    private let takes: Gathering<ConversationTake, Answer>
    private let renewals: Gathering<ConversationClaim, Renewed>

    /// Of one statement: what is taken over has words, up to 64 KiB each.
    private static let most = 100

    /// Of drafts: ten thousand turns of an ordinary conversation, for an outage.
    fileprivate static let room = 64 << 20
    /// Of one statement.
    private static let batch = 2 << 20
    /// Of a round, in nanoseconds: clients that come back wait for the same connection.
    private static let share = Int64(250_000_000)

    /// Before `shared` is started.
    public init(_ shared: SharedState, _ sealing: Sealing) {
        self.shared = shared
        self.sealing = sealing
        driver = Driver(node: shared.remote.node, process: shared.process)
        claims = Gathering(shared, most: Self.most)
        takes = Gathering(shared, most: Self.most)
        renewals = Gathering(shared, most: Self.most)
        shared.everyRound { [unowned self] (postgres) throws(LedgerError) in try round(postgres) }
    }

    /// The keys of other nodes that this one does not have: it keeps and claims nothing then.
    public var missing: [String] { state.withLock { $0.missing ?? [] } }

    /// Drafts that wait, and how long the oldest has; and those that had to go since the start.
    public var condition: (waiting: Int, oldest: Interval, lost: Int) {
        state.withLock { state in
            let now = Instant(nanoseconds: tk_now())
            return (state.drafts.count, now - (state.drafts.since ?? now), state.drafts.lost)
        }
    }

    // MARK: For workers

    /// - Parameter supersede: Called on the thread: another node goes on with a conversation, in this
    ///   generation. It is to be settled then: what it has become is still taken for a moment.
    public func onSuperseded(_ supersede: @escaping @Sendable (String, Int64) -> Void) {
        state.withLock { $0.supersede = supersede }
    }

    /// - Parameter wrote: Called on the thread: so long ago others had the conversations that were
    ///   written just now as they are.
    public func onWritten(_ wrote: @escaping @Sendable ([Interval]) -> Void) {
        state.withLock { $0.wrote = wrote }
    }

    /// Writes it in the next round.
    public func keep(_ draft: Draft) {
        state.withLock { if $0.missing?.isEmpty != false { $0.drafts.add(draft) } }
    }

    /// Writes what waits of a conversation now: its client is about to ask another node for it, or has
    /// asked. Others are written along, as a drain settles many at once.
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

    /// Lays claim to a conversation, and takes it over for this session unless another process
    /// drives it, or the client has asked another since.
    /// - Parameters:
    ///   - asked: When the client came here for it, by the clock of `tk_now`.
    ///   - receive: Called once, on any thread, perhaps before this returns; at the latest
    ///     `Rounds.patience` after it.
    public func claim(
        _ digest: String, tenant: String, session: String, asked: Instant,
        _ receive: @escaping @Sendable (Answer) -> Void
    ) {
        claims.ask(
            ConversationClaim(digest: digest, tenant: tenant, session: session, asked: asked),
            { [self] (claims, postgres) throws(LedgerError) in try claim(claims, postgres) },
            then: { receive(Self.answer($0)) })
    }

    /// Takes a conversation over that was claimed in this generation.
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

    /// Lays claim again to a conversation that this process drives: its client has come back.
    /// - Parameters:
    ///   - asked: When it came, by the clock of `tk_now`.
    ///   - receive: As for `claim`.
    public func renew(
        _ digest: String, session: String, asked: Instant,
        _ receive: @escaping @Sendable (Renewed) -> Void
    ) {
        renewals.ask(
            ConversationClaim(digest: digest, tenant: "", session: session, asked: asked),
            { [self] (claims, postgres) throws(LedgerError) in
                // Others may wait for one that nobody knows yet.
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
        // They may have been driven here, a moment ago.
        try writeDrafts(of: claims, postgres)
        let keys = sealing.keys.isEmpty ? [""] : sealing.keys
        let now = Instant(nanoseconds: tk_now())
        // A statement by itself would still be done when the database has long given up on us: whoever
        // drives the conversation would lose it to nobody.
        return try postgres.atomically { () throws(LedgerError) in
            let claimed = try postgres.claim(claims, keys: keys, at: now, by: driver)
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

    /// Blocks until a round that began after this call has told which conversations have moved. Not
    /// if the database was out of reach before, and not for longer than `Rounds.patience`: nobody
    /// knows then. While it stood still, the process may have lost its connection.
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
        try tidy(postgres)
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

    /// Perhaps again: who hears it goes by the generation.
    private func tell(_ superseded: [Superseded]) {
        let supersede = state.withLock { $0.supersede }
        for each in superseded { supersede?(each.digest, each.generation) }
    }

    /// In the first round, and once a minute.
    private func tidy(_ postgres: Postgres) throws(LedgerError) {
        guard tk_now() >= state.withLock({ $0.nextTidying }) else { return }
        try postgres.forgetConversations()
        let unknown = try postgres.canaries().filter { canary in
            sealing.open(canary.key, canary.text, Self.canaryRow) != Self.canary
        }
        if unknown.isEmpty, !sealing.keys.isEmpty,
            let canary = sealing.seal(Self.canary, Self.canaryRow)
        {
            try postgres.use(key: canary.key, canary: canary.text)
        }
        state.withLock { state in
            state.missing = unknown.map(\.key)
            state.nextTidying = tk_now() + 60_000_000_000
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
            // A statement by itself may still be done when a network goes on that has held it up:
            // then it would undo what was written since.
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
    /// The keys that nodes encrypt conversations with, for one that keeps none. Blocks, for
    /// `Rounds.patience` at most; empty if the database does not say.
    public func keysOfConversations() -> [String] {
        let (found, said) = (Found(), Latch())
        ask { (postgres) throws(LedgerError) in
            try postgres.forgetConversations()
            return try postgres.canaries().map(\.key)
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

public import Basics
import CLinux
import Sharing
import Synchronization
public import Wire

/// Client tokens in PostgreSQL: made on one node, valid on all. A use is counted in one statement,
/// so that nodes together cannot count more uses than there are.
///
/// Each use has its session's id. If a node knows that a use did not happen, it gives the use back
/// by that id, even if it never heard whether the use was counted: nothing is given back twice, and
/// a use that would be counted only after it was given back is not counted.
///
/// The database's clock says when a token expires: nodes' clocks may differ.
public final class SharedTokens: Sendable {
    /// A token as the table has it. Where a visit has found it, its times are by this node's clock.
    public struct Token: Equatable, Sendable {
        /// The digest of the token's text, in hexadecimal digits.
        public var digest: String
        public var tenant: String
        public var expires: WallTime
        public var newSessionsUntil: WallTime
        /// 0: unlimited.
        public var uses: Int
        public var used = 0
        public var resumed = 0
        /// The lock: a setup, and names of fields joined by commas.
        public var setup: String
        public var mask: String
        public var endUser: String

        /// The size of the parts that the tenant has chosen, in bytes.
        var size: Int { setup.utf8.count + mask.utf8.count + endUser.utf8.count }

        public init(
            digest: String, tenant: String, expires: WallTime, newSessionsUntil: WallTime,
            uses: Int, setup: String, mask: String, endUser: String
        ) {
            self.digest = digest
            self.tenant = tenant
            self.expires = expires
            self.newSessionsUntil = newSessionsUntil
            self.uses = uses
            self.setup = setup
            self.mask = mask
            self.endUser = endUser
        }
    }

    /// The answer for a connection with a token.
    public struct Visit: Equatable, Sendable {
        public var token: Token
        /// One of its uses has been counted for this session.
        public var isUse: Bool
    }

    /// What became of a new token.
    public enum Minted: Equatable, Sendable {
        case made
        /// Its tenant has too many.
        case tooMany
        case mistaken(TokenRequest.Mistake)
    }

    private struct State {
        var returns = TokenReturns()
        /// A worker's question will give them back.
        var isReturning = false
        /// By digest.
        var resumptions: [String: Int] = [:]
        var key: [UInt8] = []
        var adopt: (@Sendable ([UInt8]) -> Void)?
    }

    private let state: Mutex<State>
    private let shared: SharedState
    private let visits: Gathering<TokenReturns.Use, VisitOutcome>

    /// The number per statement. A token that is visited may have a setup of 256 KiB.
    private static let batch = 1000
    private static let visitsPerStatement = 50
    /// Resumptions of further tokens are not counted; there are that many only if the database was
    /// unreachable for hours.
    private static let mostResumed = 100_000

    /// - Parameter key: The key with which this node would make seals. The first node's key becomes
    ///   everyone's.
    public init(_ shared: SharedState, key: [UInt8]) {
        self.shared = shared
        visits = Gathering(shared, most: Self.visitsPerStatement)
        state = Mutex(State(key: key))
        shared.everyRound { [weak self] (postgres) throws(LedgerError) in
            try self?.round(postgres)
        }
        // A token may have many thousand uses, which must not be deleted with it at once.
        let isOver = "expires_us < \(Postgres.nowInMicroseconds) - 60000000"
        shared.forgets(
            "token_uses",
            where: "token = ANY (ARRAY(SELECT digest FROM client_tokens WHERE \(isOver)))",
            most: 5000)
        shared.forgets(
            "client_tokens",
            where: "\(isOver) AND NOT EXISTS (SELECT 1 FROM token_uses WHERE token = digest)")
    }

    private func round(_ postgres: Postgres) throws(LedgerError) {
        let (own, adopt) = state.withLock { ($0.key, $0.adopt) }
        let found = try Self.key(or: own, postgres)
        state.withLock { $0.key = found }
        if found != own { adopt?(found) }
        try settle(postgres)
    }

    /// - Parameter adopt: Called on the thread with the key of all nodes, if it differs.
    public func adopts(_ adopt: @escaping @Sendable ([UInt8]) -> Void) {
        state.withLock { $0.adopt = adopt }
    }

    /// The key of all nodes.
    private static func key(
        or own: [UInt8], _ postgres: Postgres
    ) throws(LedgerError) -> [UInt8] {
        let sql = "SELECT value FROM secrets WHERE name = 'tokens'"
        var found: [UInt8] = []
        try postgres.query(sql, []) { found = Array($0.text(0).utf8) }
        guard found.isEmpty else { return found }
        try postgres.run(
            "INSERT INTO secrets VALUES ('tokens', ?) ON CONFLICT DO NOTHING", [.bytes(own)])
        try postgres.query(sql, []) { found = Array($0.text(0).utf8) }
        return found
    }

    // MARK: For workers

    /// Keeps a new token.
    /// - Parameters:
    ///   - most: The limits on its tenant's live tokens: their number, and the bytes of their
    ///   setups and masks.
    ///   - make: Makes it at this moment of the database's clock. Called on the thread.
    public func mint(
        most: (count: Int, bytes: Int),
        _ make: @escaping @Sendable (WallTime) -> Result<Token, TokenRequest.Mistake>,
        then receive: @escaping @Sendable (Result<Minted, SharedState.Failure>) -> Void
    ) {
        shared.ask { (postgres) throws(LedgerError) -> Minted in
            switch make(try postgres.clock()) {
            case .failure(let mistake): return .mistaken(mistake)
            case .success(let token):
                return try postgres.mint(token, most: most) ? .made : .tooMany
            }
        } then: {
            receive($0)
        }
    }

    /// Counts a use for a session, if there is one left.
    /// - Parameter receive: nil if there is no such token, or it has expired, or the session's use
    ///   was given back.
    public func visit(
        _ digest: String, session: String,
        then receive: @escaping @Sendable (Result<Visit?, SharedState.Failure>) -> Void
    ) {
        visits.ask(
            TokenReturns.Use(digest: digest, session: session),
            { (uses, postgres) throws(LedgerError) in try postgres.visit(uses) },
            then: { [weak self] result in
                switch result {
                case .success(.found(let visit)): receive(.success(visit))
                case .success(.unknown), .success(.spent): receive(.success(nil))
                case .failure(let failure):
                    // The caller may never learn the outcome.
                    if failure.mayBeDone { self?.giveBack(digest, session: session) }
                    receive(.failure(failure))
                }
            })
    }

    /// The session's use did not happen. Written at once, so that another session may have it; if
    /// that fails, in a round, and again until it succeeds.
    public func giveBack(_ digest: String, session: String) {
        let isFirst = state.withLock { state in
            state.returns.add(TokenReturns.Use(digest: digest, session: session))
            defer { state.isReturning = true }
            return !state.isReturning
        }
        guard isFirst else { return }
        shared.ask { [weak self] (postgres) throws(LedgerError) in
            try self?.giveBack(postgres)
        } then: { [weak self] _ in
            // The query may not have run.
            self?.state.withLock { $0.isReturning = false }
        }
    }

    /// Counts resumptions; a negative number takes some back.
    public func resume(_ digest: String, _ count: Int = 1) {
        state.withLock { state in
            guard state.resumptions[digest] != nil || state.resumptions.count < Self.mostResumed
            else { return }
            let sum = state.resumptions[digest, default: 0] + count
            state.resumptions[digest] = sum == 0 ? nil : sum
        }
    }

    // MARK: On the thread

    private func settle(_ postgres: Postgres) throws(LedgerError) {
        try giveBack(postgres)
        try countResumptions(postgres)
        let isRest = state.withLock { !$0.returns.isEmpty || !$0.resumptions.isEmpty }
        if isRest { shared.hasten() }
    }

    private func giveBack(_ postgres: Postgres) throws(LedgerError) {
        let uses = state.withLock { state in
            state.isReturning = false
            return state.returns.take(Self.batch)
        }
        guard !uses.isEmpty else { return }
        do throws(LedgerError) {
            try postgres.giveBack(uses)
        } catch {
            state.withLock { $0.returns.putBack(uses) }
            throw error
        }
    }

    private func countResumptions(_ postgres: Postgres) throws(LedgerError) {
        let counts = state.withLock { state in
            // In one order, because rows are locked in it; and copied, or the dictionary would be.
            let taken = state.resumptions.prefix(Self.batch)
                .map { (digest: $0.key, count: $0.value) }.sorted { $0.digest < $1.digest }
            for (digest, _) in taken { state.resumptions[digest] = nil }
            return taken
        }
        guard !counts.isEmpty else { return }
        var mayBeDone = false
        do throws(LedgerError) {
            // A single statement may still be executed after it was given up, and the next round
            // would count the same again.
            try postgres.atomically { () throws(LedgerError) in
                try postgres.count(resumptions: counts)
                mayBeDone = true
            }
        } catch {
            // Counted twice, they would in the end refuse the token; not counted, they are a few of
            // a hundred.
            if !mayBeDone {
                state.withLock { state in
                    for (digest, count) in counts {
                        state.resumptions[digest, default: 0] += count
                    }
                }
            }
            throw error
        }
    }
}

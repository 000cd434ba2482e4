import Basics
import CLinux
import Ledger
import Policies
import Synchronization
import Transport
import Wire

/// What a short-lived client token stands for.
struct Grant: Sendable {
    /// The token's SHA-256: only its holder has the token itself.
    var digest: Digest
    var tenant: String
    var expires: WallTime
    var newSessionsUntil: WallTime
    /// 0: unlimited.
    var uses: Int
    var used = 0
    var resumed = 0
    /// The same, as of when it was last written to the file, or read from it.
    var written = (used: 0, resumed: 0)
    var lock: SetupLock
    /// For whom it was made; empty if not said.
    var endUser = ""
    /// If the token is in PostgreSQL: the session that came with it, by whose id its use is
    /// counted. Its times are by this node's clock as of then.
    var session = ""

    /// What of it the tenant has chosen, in bytes.
    var size: Int { lock.size + endUser.utf8.count }

    static let prefix = "auth_tokens/"
    /// A session is resumed about every ten minutes of the twenty hours that a token may last. More
    /// frequent resumptions resume nothing; they only circumvent the limit on uses.
    private static let resumptionsPerUse = 120

    /// What a connection was admitted for, before its setup tells which it is.
    enum Pass { case use, resumption }

    /// One resumption too many counts as a use.
    var hasSpentResumptions: Bool { uses > 0 && resumed >= used * Self.resumptionsPerUse }

    /// Why the next session cannot begin, if so.
    func obstacle(resuming: Bool, at now: WallTime) -> Limit? {
        if now >= expires { return .tokenExpiry }
        if resuming, used > 0 { return hasSpentResumptions ? .tokenUses : nil }
        if uses > 0, used >= uses { return .tokenUses }
        return now >= newSessionsUntil ? .tokenStart : nil
    }
}

/// The client tokens of all tenants, across workers and restarts: in memory, and kept in a file
/// that contains only digests. Used when a session begins, never for a message.
final class ClientTokens: Sendable {
    /// Per tenant: live tokens, and bytes of the setups and masks they hold.
    static let mostPerTenant = 10_000
    static let mostBytesPerTenant = 16 << 20
    /// How long a client waits until a use, or a new token, is on disk: as for PostgreSQL. Longer
    /// than another program may lock the file.
    static let patience = Interval.seconds(2)
    /// The service's own limits (Gemini API, `AuthToken`).
    private static let longest = Interval.seconds(20 * 3600)
    private static let usualLife = Interval.seconds(30 * 60)
    private static let usualStart = Interval.seconds(60)

    fileprivate struct State {
        var grants: [Digest: Grant] = [:]
        var load: [String: (count: Int, bytes: Int)] = [:]
        /// Grants whose newest state is not on disk yet.
        var pending: Set<Digest> = []
    }
    private let state = Mutex(State())
    private let kept: StateFile
    /// Distinguishes handles issued under a token from all others, across restarts and nodes.
    private let key: Mutex<[UInt8]>
    /// Where new tokens are kept, and found; nil without PostgreSQL.
    let shared: SharedTokens?
    /// Callers that wait until what is pending is on disk.
    private let waiting = Mutex<[@Sendable (_ isKept: Bool) -> Void]>([])
    private let isRunning = Atomic(false)
    private let isOver = Atomic(false)
    /// Held while the file and what is known of it must stay consistent.
    private let filing = Mutex(())
    /// The last attempt for a waiting caller failed.
    private let isUnkept = Atomic(false)
    private let log: Log
    private let thread = BackgroundThread()

    /// Begins with the tokens of an earlier run that are still valid.
    init(
        _ options: ServerOptions, _ kept: StateFile, _ found: StateFile.Contents,
        _ shared: SharedState? = nil, _ log: Log
    ) {
        self.log = log
        self.kept = kept
        let keyFile = options.data + "/tokens.key"
        let known = Self.key(keyFile)
        key = Mutex(known)
        self.shared = shared.map { SharedTokens($0, key: known) }
        defer {
            self.shared?.adopts { [weak self] found in
                self?.key.withLock { $0 = found }
                // For a start without PostgreSQL.
                _ = File.replace(keyFile, with: found, mode: 0o600)
            }
        }
        for token in found.tokens {
            if let grant = Grant(token) { state.withLock { $0.keep(grant) } }
        }
    }

    /// The process that wrote the file, too, has ended: takes over its tokens and counts.
    func inherit() {
        filing.withLock { _ in
            for token in kept.readToday().tokens {
                guard var grant = Grant(token) else { continue }
                state.withLock { state in
                    if let known = state.grants[grant.digest] { grant.add(countsOf: known) }
                    state.keep(grant)
                    if grant.isUnwritten { state.pending.insert(grant.digest) }
                }
            }
        }
    }

    private static func key(_ path: String) -> [UInt8] {
        if let known = File.read(path, limit: 256), known.count >= 32 { return known }
        let made = Array(Identifier.secret().utf8)
        _ = File.replace(path, with: made, mode: 0o600)
        return made
    }

    // MARK: Minting

    /// - Parameter receive: Called once, on any thread, perhaps before this returns.
    func mint(
        _ request: TokenRequest, for tenant: String,
        then receive: @escaping @Sendable (Result<String, TokenTrouble>) -> Void
    ) {
        let secret = Identifier.secret()
        let token = Grant.prefix + secret + (shared == nil ? "" : mark(of: secret))
        do throws(TokenRequest.Mistake) {
            guard let digest = Digest.sha256(Array(token.utf8)) else {
                throw TokenRequest.Mistake(description: "no memory")
            }
            if let shared { return keep(token, digest, request, tenant, in: shared, then: receive) }
            let now = WallTime(nanoseconds: tk_wall())
            let grant = try Self.grant(request, digest, for: tenant, at: now)
            guard keep(grant) else { return receive(.failure(.mistake(Self.tooMany))) }
            whenSaved { [self] isKept in
                if !isKept { state.withLock { $0.forget(grant) } }
                receive(isKept ? .success(token) : .failure(.notKept))
            }
        } catch {
            receive(.failure(.mistake(error)))
        }
    }

    static let tooMany = TokenRequest.Mistake(description: "this tenant has too many live tokens")

    /// What the token of this digest will stand for.
    static func grant(
        _ request: TokenRequest, _ digest: Digest, for tenant: String, at now: WallTime
    ) throws(TokenRequest.Mistake) -> Grant {
        let expires = request.expires ?? now + usualLife
        let start = request.newSessionsUntil ?? min(now + usualStart, expires)
        for (name, time) in [("expireTime", expires), ("newSessionExpireTime", start)] {
            guard time > now, time < now + longest else {
                throw TokenRequest.Mistake(
                    description: "\(name) must be in the future, by less than 20 hours")
            }
        }
        return Grant(
            digest: digest, tenant: tenant, expires: expires, newSessionsUntil: start,
            uses: Int(request.uses), lock: request.lock, endUser: request.endUser)
    }

    /// False if there is no room.
    private func keep(_ grant: Grant) -> Bool {
        let now = WallTime(nanoseconds: tk_wall())
        return state.withLock { state in
            state.forget(before: now)
            let load = state.load[grant.tenant] ?? (0, 0)
            guard load.count < Self.mostPerTenant,
                load.bytes + grant.size < Self.mostBytesPerTenant
            else { return false }
            state.keep(grant)
            state.pending.insert(grant.digest)
            return true
        }
    }

    // MARK: Using

    /// The grant of a token, if anything can still be begun or resumed with it.
    func grant(_ token: String) -> Grant? {
        guard let digest = Digest.sha256(Array(token.utf8)) else { return nil }
        let now = WallTime(nanoseconds: tk_wall())
        guard let grant = state.withLock({ $0.grants[digest] }) else { return nil }
        let isOver =
            grant.obstacle(resuming: true, at: now) != nil
            && grant.obstacle(resuming: false, at: now) != nil
        return isOver ? nil : grant
    }

    /// Counts a connection's session before its upgrade is answered; nil if nothing can be begun or
    /// resumed. `then` is called on any thread once that is on disk, so that a `kill -9` does not
    /// make a used token valid again; with false if it cannot be written, and then nothing may be
    /// begun, and it is to be given back.
    func begin(
        _ grant: Grant, then: @escaping @Sendable (_ isKept: Bool) -> Void
    ) -> Grant.Pass? {
        let now = WallTime(nanoseconds: tk_wall())
        let pass: Grant.Pass? = state.withLock { state in
            guard var known = state.grants[grant.digest] else { return nil }
            if known.obstacle(resuming: false, at: now) == nil {
                known.used += 1
                state.note(known)
                return .use
            }
            return known.obstacle(resuming: true, at: now) == nil ? .resumption : nil
        }
        switch pass {
        case .use: whenSaved(then)
        case .resumption: then(true)
        case nil: break
        }
        return pass
    }

    /// The setup has arrived and tells whether it resumes a session of this token. Returns what
    /// prevents it, if anything.
    func settle(_ grant: Grant, _ pass: Grant.Pass, resuming: Bool) -> Limit? {
        if let shared, grant.isShared { return settle(grant, pass, resuming, in: shared) }
        let now = WallTime(nanoseconds: tk_wall())
        return state.withLock { state in
            guard var known = state.grants[grant.digest] else { return .tokenExpiry }
            switch (pass, resuming) {
            case (.use, false): return nil
            case (.resumption, false):
                return known.obstacle(resuming: false, at: now) ?? .tokenUses
            case (.use, true):
                guard known.obstacle(resuming: true, at: now) == nil else { return nil }
                known.used -= 1
            case (.resumption, true):
                if let obstacle = known.obstacle(resuming: true, at: now) { return obstacle }
            }
            known.resumed += 1
            state.note(known)
            return nil
        }
    }

    /// What was to be resumed is gone, so a new session begins in its place, for `grant.anew`.
    /// Returns what prevents it, if anything; otherwise `then` is called once, on any thread.
    func beginAnew(
        _ grant: Grant, _ pass: Grant.Pass?, then: @escaping @Sendable (UseOutcome) -> Void
    ) -> Limit? {
        if let shared, grant.isShared { return beginAnew(grant, pass, in: shared, then: then) }
        let now = WallTime(nanoseconds: tk_wall())
        let obstacle: Limit? = state.withLock { state in
            guard var known = state.grants[grant.digest] else { return .tokenExpiry }
            known.resumed = max(0, known.resumed - 1)
            let obstacle = known.obstacle(resuming: false, at: now)
            if obstacle == nil { known.used += 1 }
            state.note(known)
            return obstacle
        }
        if obstacle == nil { whenSaved { then($0 ? .kept : .notKept) } }
        return obstacle
    }

    /// The connection left without a setup, so gemini was not contacted for it; or its use could
    /// not be written down.
    func giveBack(_ grant: Grant, _ pass: Grant.Pass) {
        guard pass == .use else { return }
        if let shared, grant.isShared {
            return shared.giveBack(grant.digest.hex, session: grant.session)
        }
        state.withLock { state in
            guard var known = state.grants[grant.digest], known.used > 0 else { return }
            known.used -= 1
            state.note(known)
        }
    }

    // MARK: Handles

    /// The end of a session's handle, by which it is recognised as this token's.
    func seal(_ session: String, _ secret: String, under grant: Grant) -> String {
        seal([grant.digest.hex, session, secret])
    }

    /// A seal that cannot be made without our key; the words contain no spaces.
    func seal(_ words: [String]) -> String {
        let key = key.withLock { $0 }
        func hash(_ bytes: [UInt8]) -> [UInt8] { Digest.sha256(bytes)?.bytes ?? key }
        let text = Array(words.joined(separator: " ").utf8)
        return Identifier.inURLs(Base64.encode(hash(key + hash(key + text)).span))
    }

    /// Whether a session's id with its secret was issued under the token. Exactly that, with
    /// nothing in front: a look-up would find another session.
    func hasIssued(_ name: String, under grant: Grant) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return false }
        return Digest.areEqual(seal(parts[0], parts[1], under: grant), parts[2])
    }

    // MARK: The file

    /// Calls back once what is pending is on disk, or cannot be written.
    private func whenSaved(_ then: @escaping @Sendable (_ isKept: Bool) -> Void) {
        if isRunning.compareExchange(
            expected: false, desired: true, ordering: .relaxed
        ).exchanged {
            do throws(SystemError) {
                try thread.start("tokens") { [self] in work() }
            } catch {
                isRunning.store(false, ordering: .relaxed)
                return then(saveForWaiting())
            }
        }
        waiting.withLock { $0.append(then) }
        thread.wake()
    }

    /// Many waiting callers share one commit.
    private func work() {
        while !isOver.load(ordering: .relaxed) {
            thread.sleep()
            let ready = waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            if ready.isEmpty { continue }
            let isKept = saveForWaiting()
            for then in ready { then(isKept) }
        }
    }

    private func saveForWaiting() -> Bool {
        do throws(LedgerError) {
            do throws(LedgerError) {
                try save()
            } catch {
                // The first attempt sets a damaged file aside.
                try save()
            }
            if isUnkept.exchange(false, ordering: .relaxed) {
                log.write(.info, "client tokens and their uses are written down again")
            }
            return true
        } catch {
            // Logged once: each refused client is counted and logged separately.
            if !isUnkept.exchange(true, ordering: .relaxed) {
                log.write(
                    .error, "client tokens are refused: their uses cannot be written down",
                    [("why", .string("\(error)"))])
            }
            return false
        }
    }

    func close() {
        isOver.store(true, ordering: .relaxed)
        thread.wake()
    }

    /// Writes what has changed: for waiting callers, once a second, and at the end. Changes stay
    /// pending until they are on disk, so a caller that comes during another's write finds them
    /// pending or written. Another process may write the file, too, until it has ended.
    func save() throws(LedgerError) {
        try filing.withLock { (_) throws(LedgerError) in try saveNow() }
    }

    private func saveNow() throws(LedgerError) {
        let now = WallTime(nanoseconds: tk_wall())
        let written = try kept.save(at: now) { [self] isNew in
            let changed = state.withLock { state in
                state.forget(before: now)
                return isNew
                    ? Array(state.grants.values) : state.pending.compactMap { state.grants[$0] }
            }
            return changed.map(\.change)
        }
        state.withLock { state in
            for token in written.map(\.token) {
                guard let digest = Digest(hex: token.digest) else { continue }
                state.grants[digest]?.written = (token.used, token.resumed)
                if state.grants[digest]?.isUnwritten != true { state.pending.remove(digest) }
            }
        }
    }
}

extension ClientTokens.State {
    /// Replaces what is known of the same token.
    fileprivate mutating func keep(_ grant: Grant) {
        drop(grants.updateValue(grant, forKey: grant.digest))
        let load = self.load[grant.tenant] ?? (0, 0)
        self.load[grant.tenant] = (load.count + 1, load.bytes + grant.size)
    }

    fileprivate mutating func note(_ grant: Grant) {
        grants[grant.digest] = grant
        pending.insert(grant.digest)
    }

    fileprivate mutating func forget(before now: WallTime) {
        for grant in grants.values where grant.expires <= now {
            drop(grants.removeValue(forKey: grant.digest))
            pending.remove(grant.digest)
        }
    }

    /// A token that was not handed out.
    fileprivate mutating func forget(_ grant: Grant) {
        drop(grants.removeValue(forKey: grant.digest))
        pending.remove(grant.digest)
    }

    private mutating func drop(_ grant: Grant?) {
        guard let grant, let load = load[grant.tenant] else { return }
        self.load[grant.tenant] = (load.count - 1, load.bytes - grant.size)
    }
}

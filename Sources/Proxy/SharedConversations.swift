import Basics
import CLinux
import Ledger
import Metrics
import Sessions
import Sharing
import Synchronization
import Transport

/// The conversations of this process that other nodes may continue, and those of others that it
/// continues.
final class SharedConversations: Sendable {
    private struct Live {
        var session: String
        var mailbox: Mailbox
    }

    /// Secrets that must not leave the process.
    let secrets: [String]
    private let store: Conversations
    /// By the digest of the client's handle.
    private let live = Mutex<[String: Live]>([:])

    /// Create it before the node starts.
    init(_ state: SharedState, _ keys: StateKeys) {
        secrets = keys.secrets
        store = Conversations(
            state,
            Conversations.Sealing(
                keys: keys.ids,
                seal: { bytes, row in keys.seal(bytes, for: row).map { ($0.key, $0.text) } },
                open: { key, text, row in
                    keys.open(StateKeys.Sealed(key: key, text: text), for: row)
                }))
        store.onSuperseded { [weak self] in self?.supersede($0, $1) }
        store.onWritten { [weak self] in self?.wrote($0) }
    }

    /// What the last report said, so that the next says what is new.
    private let reported = Mutex((lost: 0, missing: [String]()))

    /// The number of states that wait to be written, and how long the oldest has waited; and the
    /// number lost since the start.
    var condition: (waiting: Int, oldest: Interval, lost: Int) { store.condition }

    /// Whether a state waits to be written.
    var areWaiting: Bool { condition.waiting > 0 }

    /// How long states have waited until they were written.
    var delays: Snapshot { written.withLock { $0.snapshot() } }
    private let written = Mutex(Shard())

    private func wrote(_ delays: [Interval]) {
        written.withLock { shard in
            let series = shard.series(.conversationsDelay)
            for delay in delays { shard.observe(delay.seconds, in: series) }
        }
    }

    /// Logs what could not be kept, and which keys are missing. Call about every second.
    func report(to log: Log) {
        let (lost, missing) = (condition.lost, store.missing)
        let last = reported.withLock { reported in
            defer { reported = (lost, missing) }
            return reported
        }
        if lost > last.lost {
            log.write(
                .error, "states of conversations could not be kept for other nodes",
                [("states", .integer(lost - last.lost))])
        }
        guard missing != last.missing, !missing.isEmpty else { return }
        log.write(
            .error,
            "conversations are neither kept nor claimed here: others encrypt with another key",
            [("key", .string(missing.joined(separator: ", ")))])
    }

    // MARK: Sessions

    /// From now on this session learns when another continues its conversation. A session that had
    /// it on this node until now learns of it at once.
    func follow(_ digest: String, session: String, _ mailbox: Mailbox, _ generation: Int64) {
        let old = live.withLock { live in
            live.updateValue(Live(session: session, mailbox: mailbox), forKey: digest)
        }
        guard let old, old.session != session else { return }
        SessionDriver.post(to: old.mailbox, session: old.session) { $0?.superseded(by: generation) }
    }

    func leave(_ digest: String, session: String) {
        live.withLock { if $0[digest]?.session == session { $0[digest] = nil } }
    }

    /// The process stood still. When this returns, sessions whose conversations have moved
    /// meanwhile have a message about it, unless the database does not say which have moved.
    func hearWhatMoved(since moment: Instant) {
        store.awaitRound(stoodStillSince: moment.nanoseconds)
    }

    private func supersede(_ digest: String, _ generation: Int64) {
        guard let found = live.withLock({ $0[digest] }) else { return }
        SessionDriver.post(to: found.mailbox, session: found.session) {
            $0?.superseded(by: generation)
        }
    }

    /// - Parameter memory: Packed into bytes here, and sealed elsewhere.
    func keep(
        _ memory: Memory, _ digest: String, _ generation: Int64, session: String, tenant: String,
        isOver: Bool, leavesPlace: Bool
    ) {
        store.keep(
            Draft(
                digest: digest, generation: generation, session: session, tenant: tenant,
                isOver: isOver, leavesPlace: leavesPlace, bytes: memory.packed,
                since: Instant(nanoseconds: tk_now())))
    }

    /// - Parameter receive: Called once, on any thread, when it has been written, or within
    ///   `Rounds.patience`.
    func settle(_ digest: String, _ receive: @escaping @Sendable () -> Void) {
        store.settle(digest, receive)
    }

    /// The result of a claim.
    enum Answer: Sendable {
        /// `holder`: the node that had it, if it has not released it. `hasPlace`: the conversation
        /// still has one of the tenant's places.
        case taken(Memory, holder: String?, hasPlace: Bool)
        /// Another node drives it and is releasing it: take it after `Rounds.release`.
        case driven(generation: Int64)
        /// The client has asked another node for it since.
        case superseded
        case foreign
        case unknown
        /// The kept state cannot be opened, and never will be.
        case broken
        /// The state is unknown, with the reason.
        case failed(String)
    }

    /// Claims for this session, which follows the conversation before another can take it away.
    /// - Parameters:
    ///   - asked: When the client arrived here.
    ///   - receive: As for `settle`.
    func claim(
        _ digest: String, tenant: String, session: String, asked: Instant, _ mailbox: Mailbox,
        _ receive: @escaping @Sendable (Answer) -> Void
    ) {
        store.claim(
            digest, tenant: tenant, session: session, asked: asked,
            following(digest, session: session, mailbox, receive))
    }

    /// For a session that already has the conversation, and whose client has just returned.
    /// - Parameter receive: As for `settle`.
    func renew(
        _ digest: String, session: String, asked: Instant,
        _ receive: @escaping @Sendable (Conversations.Renewed) -> Void
    ) {
        store.renew(digest, session: session, asked: asked, receive)
    }

    /// Takes what was claimed in this generation.
    /// - Parameter receive: As for `settle`.
    func take(
        _ digest: String, _ generation: Int64, session: String, _ mailbox: Mailbox,
        _ receive: @escaping @Sendable (Answer) -> Void
    ) {
        store.take(
            digest, generation, session: session,
            following(digest, session: session, mailbox, receive))
    }

    private func following(
        _ digest: String, session: String, _ mailbox: Mailbox,
        _ receive: @escaping @Sendable (Answer) -> Void
    ) -> @Sendable (Conversations.Answer) -> Void {
        { [self] answer in
            switch answer {
            case .taken(let bytes, let generation, let age, let holder, let hasPlace):
                guard var memory = Memory(packed: bytes) else {
                    return receive(.failed("it was kept by a newer version of this program"))
                }
                memory.grewOlder(by: age)
                memory.generation = generation
                follow(digest, session: session, mailbox, generation)
                receive(.taken(memory, holder: holder, hasPlace: hasPlace))
            case .driven(let generation): receive(.driven(generation: generation))
            case .superseded: receive(.superseded)
            case .foreign: receive(.foreign)
            case .unknown: receive(.unknown)
            case .sealed(let key):
                // The operator deleted the row; another node may have it.
                receive(
                    .failed(
                        key.isEmpty
                            ? "it is not encrypted, and this node has a key"
                            : "this node lacks the key it is encrypted with: \(key)"))
            case .broken: receive(.broken)
            case .failed(let why): receive(.failed(why))
            }
        }
    }
}

// MARK: The start

extension SharedConversations {
    /// nil if nothing is kept for other nodes.
    static func open(
        _ options: ServerOptions, _ node: SharedNode?, _ log: Log
    ) throws(StartFailure) -> SharedConversations? {
        guard let node else { return nil }
        if let path = options.stateKey {
            return SharedConversations(node.state, try read(path, options, log))
        }
        guard options.sharesConversations else {
            log.write(
                .warning,
                "conversations are not kept for other nodes: give all of them one --state-key")
            return nil
        }
        log.write(
            .warning,
            "conversations are kept for other nodes without encryption: give all of them one "
                + "--state-key")
        return SharedConversations(node.state, .plain)
    }

    private static func read(
        _ path: String, _ options: ServerOptions, _ log: Log
    ) throws(StartFailure) -> StateKeys {
        let exposure = KeyFiles.exposure(path)
        guard !exposure.isWritable else {
            throw StartFailure(
                [
                    "turnkeeper: --state-key: \(path) can be written by group or others",
                    "Try: chmod go-w \(path)",
                ], isMistake: true)
        }
        if exposure.isReadable {
            log.write(
                .warning, "the state key can be read by everybody on this machine: chmod o-r",
                [("file", .string(path))])
        }
        guard let bytes = File.read(path, limit: StateKeys.longestFile) else {
            throw StartFailure(
                [
                    "turnkeeper: --state-key: \(path) cannot be read",
                    "Try: a file of one line of `openssl rand -hex 32`, which this user can read",
                ], isMistake: true)
        }
        do throws(StateKeys.Mistake) {
            return try StateKeys(
                String(decoding: bytes, as: UTF8.self), opensPlain: options.mayKeepPlain)
        } catch {
            throw StartFailure(
                [
                    "turnkeeper: --state-key: \(path): \(error.what)",
                    "Try: one line of `openssl rand -hex 32` for each key",
                ], isMistake: true)
        }
    }

    /// Waits for the database's answer, if it answers. Also needed on a node that keeps nothing:
    /// otherwise it could not reach its clients' conversations.
    static func check(
        _ conversations: SharedConversations?, _ options: ServerOptions, _ node: SharedNode?
    ) throws(StartFailure) {
        let missing = conversations?.store.missing ?? node?.state.keysOfConversations() ?? []
        guard !missing.isEmpty else { return }
        let names = missing.joined(separator: ", ")
        throw StartFailure([
            "turnkeeper: other nodes encrypt conversations with a key (\(names)) that "
                + (options.stateKey.map { "--state-key \($0) does not have" }
                    ?? "this one does not have"),
            "Try: the same --state-key on all nodes, or wait until none with the other key has run for "
                + "three minutes, and what it kept is two hours old",
        ])
    }
}

import Basics
import CLinux
import Ledger
import Policies
import Sessions
import Synchronization
import Transport

/// Where returning clients find their conversation: live sessions, and for two hours the memory of
/// ended ones. One registry for all workers; used once per session.
final class ReturnRegistry: Sendable {
    /// A session that is alive, on some worker.
    struct Live: Sendable {
        var session: String
        /// The secret that its client must present with the id, which appears in logs.
        var secret: String
        var tenant: String
        var mailbox: Mailbox
        var offer: LiveOffer
        /// Sessions whose clients moved to this one: those clients only know the old id.
        var aliases: [(session: String, secret: String)] = []
    }

    enum Found: Sendable {
        case live(Live)
        case kept(Memory)
        case foreign
        /// Not known here; the ledger may know it.
        case unknown
    }

    fileprivate struct Kept {
        var tenant: String
        var memory: Memory
        var ended: WallTime
    }

    fileprivate struct State {
        /// By handle.
        var live: [String: Live] = [:]
        /// Handles by session.
        var handles: [String: String] = [:]
        var kept: [String: Kept] = [:]
        /// Handles in `kept`, oldest first, including replaced ones.
        var order: [(handle: String, ended: WallTime)] = []
        var first = 0
    }

    private let state = Mutex(State())

    /// If a process loses more than ten thousand clients within two hours, the ledger has the rest.
    private static let capacity = 10_000

    // MARK: Sessions

    func offer(_ live: Live, as handle: String) {
        state.withLock { state in
            state.live[handle] = live
            state.handles[live.session] = handle
        }
    }

    /// The client of session `alias` moved to `session`.
    func alias(_ alias: String, _ secret: String, of session: String) {
        state.withLock { state in
            guard let handle = state.handles[session] else { return }
            state.handles[alias] = handle
            state.live[handle]?.aliases.append((alias, secret))
            if let live = state.live[handle], live.aliases.count > Self.mostAliases {
                state.handles[live.aliases[0].session] = nil
                state.live[handle]?.aliases.removeFirst()
            }
        }
    }

    private static let mostAliases = 16

    /// The session is over.
    func retire(_ handle: String, session: String, tenant: String, _ memory: Memory?) {
        let now = WallTime(nanoseconds: tk_wall())
        state.withLock { state in
            state.handles[session] = nil
            // A session that took over the conversation stays.
            if let live = state.live[handle], live.session == session {
                for alias in live.aliases { state.handles[alias.session] = nil }
                state.live[handle] = nil
            }
            guard let memory else { return }
            state.kept[handle] = Kept(tenant: tenant, memory: memory, ended: now)
            state.order.append((handle, now))
            state.forget(before: now - KeptReturn.lifetime, beyond: Self.capacity)
        }
    }

    // MARK: Clients

    func find(_ claim: Claim, tenant: String) -> Found {
        let now = WallTime(nanoseconds: tk_wall())
        return state.withLock { state in
            switch claim {
            case .session(let name):
                let session = String(name.prefix { $0 != "." })
                guard let handle = state.handles[session], let live = state.live[handle],
                    live.tenant == tenant, live.isNamed(session, name.dropFirst(session.count + 1))
                else { return .foreign }
                return .live(live)
            case .handle(let handle, _):
                if let live = state.live[handle] {
                    return live.tenant == tenant ? .live(live) : .foreign
                }
                guard let kept = state.kept[handle], now - kept.ended < KeptReturn.lifetime else {
                    return .unknown
                }
                guard kept.tenant == tenant else { return .foreign }
                var memory = kept.memory
                memory.grewOlder(by: now - kept.ended)
                return .kept(memory)
            }
        }
    }
}

extension ReturnRegistry.Live {
    /// Compares digests, so that the time it takes reveals nothing about the secret.
    fileprivate func isNamed(_ session: String, _ secret: Substring) -> Bool {
        let own =
            session == self.session
            ? self.secret : aliases.first { $0.session == session }?.secret
        guard let own, let right = Digest.sha256(Array(own.utf8)),
            let shown = Digest.sha256(Array(secret.utf8))
        else { return false }
        return right == shown
    }
}

extension ReturnRegistry.State {
    /// Each entry of `order` is examined once, so this costs what it frees.
    fileprivate mutating func forget(before: WallTime, beyond capacity: Int) {
        while first < order.count,
            order[first].ended < before || kept.count > capacity
        {
            let (handle, ended) = order[first]
            // A newer end of the same conversation has its own entry.
            if kept[handle]?.ended == ended { kept[handle] = nil }
            first += 1
        }
        if first > 1000, first > order.count / 2 {
            order.removeFirst(first)
            first = 0
        }
    }
}

extension KeptReturn {
    init?(_ handle: String, session: String, tenant: String, _ memory: Memory, at now: WallTime) {
        guard let digest = Digest.sha256(Array(handle.utf8)) else { return nil }
        self.init(
            digest: digest.hex, tenant: tenant, session: session, model: memory.model,
            tools: memory.tools, handle: memory.handle,
            transcript: String(decoding: memory.transcript, as: UTF8.self),
            cost: memory.used.cost, tokens: memory.used.tokens, ended: now)
    }

    func memory(at now: WallTime) -> Memory {
        var memory = Memory(
            model: model, tools: tools, handle: handle, transcript: Array(transcript.utf8))
        memory.age = now - ended
        memory.used = Memory.Used(cost: cost, tokens: tokens)
        return memory
    }
}

import Basics
import Metrics
import Policies
import Transport
import WebSocket

/// Connections to gemini that are opened before a session wants them: TCP, TLS and upgrade are done
/// (`upstream.warm`). One worker's, on its thread; exists only once a policy has asked for it.
///
/// Each tenant has a shelf of connections that were all opened with one request: the one its
/// sessions make. Who would send any other dials as ever, and so does everybody while the shelf is
/// empty, so that nobody ever waits for it.
final class WarmConnections: ConnectionDelegate, TimerOwner {
    /// What became of a connection.
    enum Outcome: String, CaseIterable {
        /// A session has it.
        case taken
        /// None wanted it in time.
        case expired
        /// It could not be opened, or gemini ended it, or spoke, before a session had it.
        case failed
        /// Its policy, credential or process is gone, or memory or descriptors are short.
        case dropped
    }

    struct Ready {
        let connection: Connection
        /// Gemini's choice.
        let subprotocol: String?
        fileprivate let since: Instant
    }

    private struct Shelf {
        var dial: DialRequest
        let policy: Boxed<Policy>
        /// When a session of this request last dialed.
        var wanted: Instant
        /// The oldest first.
        var ready: [Ready] = []
        var opening: [Connection] = []
        /// Failures in a row, those at one time counted once.
        var failures = 0
        var retry: Instant

        /// One that fails is tried by one connection at a time.
        var most: Int { failures > 0 ? 1 : policy.value.upstream.warm }
    }

    /// Nobody has written down how long gemini lets a connection wait for its setup. It is fair to
    /// be gone before the shortest time in use, 30 s.
    private static let life = Interval.seconds(20)
    /// How often a shelf is looked at: what waits is pinged, so that neither a firewall forgets it
    /// nor a host that is gone goes unnoticed, and what is too old is closed.
    private static let look = Interval.seconds(5)
    /// A tenant without a new session for this long has no need of it.
    private static let interest = Interval.seconds(180)
    /// The pause after failures: doubled for each in a row.
    private static let pause = (shortest: Interval.seconds(5), longest: Interval.seconds(80))

    private unowned let worker: Worker
    /// By tenant.
    private var shelves: [String: Shelf] = [:]
    private var timer: Timer?

    init(_ worker: Worker) {
        self.worker = worker
        timer = Timer(worker.loop, owner: self)
    }

    // MARK: Taking

    /// The newest connection that was opened by the same request as this session would send. Sees to
    /// it that the next session finds one.
    func take(_ dial: DialRequest, _ policy: Boxed<Policy>) -> Ready? {
        let (tenant, now) = (policy.value.tenant, worker.loop.now)
        if let shelf = shelves[tenant], !shelf.dial.leads(whereLeads: dial) { renew(tenant) }
        if let shelf = shelves[tenant], !shelf.dial.leads(whereLeads: dial) {
            // Two kinds of clients at the same time: the shelf stays with the first.
            guard now - shelf.wanted >= Self.life else { return nil }
            clear(tenant, .dropped)
        }
        var shelf = shelves[tenant] ?? Shelf(dial: dial, policy: policy, wanted: now, retry: now)
        shelf.wanted = now
        // What gemini has sent to any other is still to be read.
        let index = shelf.ready.lastIndex { $0.connection.isQuiet }
        let taken = index.map { shelf.ready.remove(at: $0) }
        if let taken {
            shelf.failures = 0
            taken.connection.limits = dial.limits
            count(.taken, tenant)
        }
        shelves[tenant] = shelf
        // The session's own dial, if it needs one, goes first.
        worker.loop.mailbox.post { ($0.owner as? Worker)?.warm?.fill(tenant) }
        arm()
        return taken
    }

    /// Opens what is missing, unless something speaks against it.
    private func fill(_ tenant: String) {
        guard let shelf = shelves[tenant], worker.loop.now >= shelf.retry, !worker.isDraining,
            !worker.shared.memory.isShort, !Descriptors.areShort,
            !worker.shared.models.isAnyFailing(at: shelf.policy.value.upstream.url)
        else { return }
        var request = shelf.dial
        request.limits = request.limits.beforeSetup
        for _ in 0..<max(0, shelf.most - shelf.ready.count - shelf.opening.count) {
            shelves[tenant]?.opening.append(worker.loop.dial(request, delegate: self))
        }
    }

    // MARK: Looking after them

    func timerFired(_ timer: Timer) {
        let now = worker.loop.now
        for tenant in shelves.keys.sorted() {
            expire(tenant, at: now)
            guard let shelf = shelves[tenant] else { continue }
            if now - shelf.wanted < Self.interest {
                renew(tenant)
                fill(tenant)
            } else if shelf.ready.isEmpty, shelf.opening.isEmpty {
                shelves[tenant] = nil
            }
            for waiting in shelves[tenant]?.ready ?? [] { waiting.connection.ping() }
        }
        arm()
    }

    private func arm() {
        guard !shelves.isEmpty, timer?.isArmed != true else { return }
        timer?.arm(at: worker.loop.now + Self.look)
    }

    private func expire(_ tenant: String, at now: Instant) {
        guard let old = shelves[tenant]?.ready.prefix(while: { now - $0.since >= Self.life }),
            !old.isEmpty
        else { return }
        shelves[tenant]?.ready.removeFirst(old.count)
        shelves[tenant]?.failures = 0
        for waiting in old { end(waiting.connection, .expired, tenant) }
    }

    /// What was opened with a credential or certificates that are no longer ours is of no use.
    private func renew(_ tenant: String) {
        guard let shelf = shelves[tenant] else { return }
        let dial = worker.renewed(shelf.dial, shelf.policy.value)
        if let dial, dial.leads(whereLeads: shelf.dial) { return }
        empty(tenant, .dropped)
        if let dial { shelves[tenant]?.dial = dial } else { shelves[tenant] = nil }
    }

    // MARK: The end

    /// Closes all; returns how many there were.
    @discardableResult
    func drop() -> Int {
        let count = shelves.values.reduce(0) { $0 + $1.ready.count + $1.opening.count }
        for tenant in shelves.keys.sorted() { clear(tenant, .dropped) }
        return count
    }

    private func clear(_ tenant: String, _ outcome: Outcome) {
        empty(tenant, outcome)
        shelves[tenant] = nil
    }

    private func empty(_ tenant: String, _ outcome: Outcome) {
        guard let shelf = shelves[tenant] else { return }
        shelves[tenant]?.ready = []
        shelves[tenant]?.opening = []
        for connection in shelf.ready.map(\.connection) + shelf.opening {
            end(connection, outcome, tenant)
        }
    }

    private func end(_ connection: Connection, _ outcome: Outcome, _ tenant: String) {
        connection.delegate = nil
        connection.close(1000)
        count(outcome, tenant)
    }

    private func count(_ outcome: Outcome, _ tenant: String) {
        worker.shard.increment(worker.shard.series(.warm, [tenant, "", outcome.rawValue]))
    }

    // MARK: The connections

    func opened(_ connection: Connection, subprotocol: String?) {
        for tenant in shelves.keys {
            guard let index = shelves[tenant]?.opening.firstIndex(where: { $0 === connection })
            else { continue }
            shelves[tenant]?.opening.remove(at: index)
            let ready = Ready(
                connection: connection, subprotocol: subprotocol, since: worker.loop.now)
            shelves[tenant]?.ready.append(ready)
        }
    }

    func refused(_ connection: Connection, _ refusal: UpgradeRefusal) {
        fail(connection, "gemini refuses the upgrade with \(refusal.status)")
    }

    func failed(_ connection: Connection, _ failure: ConnectionFailure) {
        fail(connection, failure.description)
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        fail(connection, "gemini closed it with \(code)")
    }

    func received(_ connection: Connection, _ message: borrowing IncomingMessage) {
        fail(connection, "gemini spoke before the setup")
        connection.delegate = nil
        connection.close(1000)
    }

    func violated(_ connection: Connection, _ violation: Violation) {
        fail(connection, "\(violation.reason)")
    }

    /// No session has noticed, and none is told.
    private func fail(_ connection: Connection, _ why: String) {
        let now = worker.loop.now
        for (tenant, var shelf) in shelves {
            let count = shelf.ready.count + shelf.opening.count
            shelf.ready.removeAll { $0.connection === connection }
            shelf.opening.removeAll { $0 === connection }
            guard shelf.ready.count + shelf.opening.count < count else { continue }
            if now >= shelf.retry {
                let pause = Self.pause.shortest * (1 << Int64(min(shelf.failures, 4)))
                shelf.retry = now + min(pause, Self.pause.longest)
                shelf.failures += 1
            }
            shelves[tenant] = shelf
            self.count(.failed, tenant)
            worker.shared.log.write(
                .debug, "a warm connection is gone",
                [("tenant", .own(tenant)), ("why", .string(why))])
        }
    }
}

extension Worker {
    /// A connection for a session's first dial, if one was opened by the very same request. Never
    /// with a client's own credential, which nobody but the client may present; nor with its
    /// attestation, which would be presented once more than the client did.
    func takeWarm(_ dial: DialRequest, _ policy: Boxed<Policy>) -> WarmConnections.Ready? {
        guard policy.value.upstream.hasOwnCredential, policy.value.mode == .enforce,
            !dial.headers.contains(where: { $0.isNamed("x-firebase-appcheck") })
        else { return nil }
        let pool = warm ?? WarmConnections(self)
        warm = pool
        return pool.take(dial, policy)
    }
}

import Basics
import CLinux
import Ledger
import Policies
import Synchronization
import Transport

/// Sends waiting notes from the ledger to tenants' receivers, on its own loop and thread. The
/// thread starts with the first policy that names a receiver.
final class Notifier: Sendable {
    /// One tenant's numbers since the process began.
    struct Figures: Equatable, Sendable {
        var delivered = 0
        var failed = 0
        /// The number of lost reports by reason: the receiver was down for too long, or is no
        /// longer named, or the session's report is gone.
        var lost: [String: Int] = [:]
    }

    static let reasons = ["queue", "age", "removed", "gone"]

    let ledger: Ledger
    let path: String
    let log: Log
    private let mailbox: Mailbox
    private let figures = Mutex<[String: Figures]>([:])
    private let isRunning = Atomic(false)
    private let ended = Latch()

    init(_ ledger: Ledger, path: String, _ log: Log) throws(SystemError) {
        self.ledger = ledger
        self.path = path
        self.log = log
        mailbox = try Mailbox()
    }

    /// Puts policies in force.
    func watch(_ policies: PolicySet, _ shared: Shared) throws(SystemError) {
        let isWanted = policies.all.contains { $0.policy.notify.url != nil }
        let isOwed = ledger.notes?.waiting.isEmpty == false
        if !isRunning.load(ordering: .relaxed) {
            guard isWanted || isOwed else { return }
            isRunning.store(true, ordering: .relaxed)
            try startThread("notifier") { [self] in run(shared) }
        }
        mailbox.post { loop in (loop.owner as? NotifyQueues)?.setReceivers(policies) }
    }

    /// Ends the thread; the next process sends the notes in progress again.
    func stop() {
        guard isRunning.exchange(false, ordering: .relaxed) else { return }
        mailbox.post { $0.stop() }
        _ = ended.wait(within: .seconds(2))
    }

    private func run(_ shared: Shared) {
        defer { ended.arrive() }
        guard let loop = try? EventLoop(mailbox: mailbox) else { return }
        let queues = NotifyQueues(loop, self, shared)
        loop.owner = queues
        loop.run()
    }

    func count(_ tenant: String, _ change: (inout Figures) -> Void) {
        figures.withLock { change(&$0[tenant, default: Figures()]) }
    }

    /// For metrics: each tenant with a receiver, or with anything that waited or was lost.
    func report(_ policies: PolicySet) -> [(tenant: String, waiting: Int, figures: Figures)] {
        let counts = ledger.notes ?? NoteCounts()
        let named = policies.all.filter { $0.policy.notify.url != nil }.map(\.policy.tenant)
        let all = figures.withLock { $0 }
        let tenants = Set(named).union(all.keys).union(counts.waiting.keys)
            .union(counts.lost.keys)
        return tenants.sorted().map { tenant in
            var figures = all[tenant] ?? Figures()
            figures.lost["queue"] = counts.lost[tenant] ?? 0
            return (tenant, counts.waiting[tenant] ?? 0, figures)
        }
    }
}

/// The tenants' queues, on the notifier's thread.
final class NotifyQueues: TimerOwner {
    /// The ledger is written five times a second.
    private static let pause = Interval.milliseconds(250)
    /// Concurrent attempts: receivers that hang must not use up the process's sockets.
    private static let mostAtOnce = 32
    private static let tellingPause = Interval.seconds(60)

    let loop: EventLoop
    let notifier: Notifier
    let shared: Shared
    private var timer: Timer?
    private var queues: [String: NotifyQueue] = [:]
    private var policies: PolicySet?
    private var trusts: [String: Result<ClientTLS, HTTPFetch.Failure>] = [:]
    private var opened: LedgerReader?
    private var told: [String: Int] = [:]
    private var nextTelling = Instant(nanoseconds: 0)

    init(_ loop: EventLoop, _ notifier: Notifier, _ shared: Shared) {
        self.loop = loop
        self.notifier = notifier
        self.shared = shared
        timer = Timer(loop, owner: self)
    }

    func setReceivers(_ policies: PolicySet) {
        self.policies = policies
        trusts = [:]
        // The change may have fixed the cause.
        for queue in queues.values { queue.forgive() }
        timer?.arm(at: loop.now)
    }

    func timerFired(_ timer: Timer) {
        timer.arm(at: loop.now + Self.pause)
        guard let counts = notifier.ledger.notes, let policies else { return }
        for tenant in counts.waiting.keys.sorted() {
            let policy = policies.tenant(named: tenant)?.policy
            guard let policy, policy.notify.url != nil else {
                drop(tenant, counts.waiting[tenant] ?? 0)
                continue
            }
            let queue = queues[tenant] ?? NotifyQueue(tenant, self)
            queues[tenant] = queue
            guard queues.values.reduce(0, { $0 + ($1.isBusy ? 1 : 0) }) < Self.mostAtOnce else {
                continue
            }
            queue.advance(policy)
        }
        for (tenant, queue) in queues where counts.waiting[tenant] == nil && !queue.isBusy {
            queues[tenant] = nil
        }
        tellLosses(counts)
    }

    private func drop(_ tenant: String, _ count: Int) {
        queues.removeValue(forKey: tenant)?.cancel()
        notifier.ledger.append(.notesDropped(tenant: tenant))
        notifier.ledger.flush()
        notifier.count(tenant) { $0.lost["removed", default: 0] += count }
    }

    private func tellLosses(_ counts: NoteCounts) {
        guard let policies, loop.now >= nextTelling else { return }
        for (tenant, _, figures) in notifier.report(policies) {
            let lost = figures.lost.values.reduce(0, +)
            guard lost > told[tenant] ?? 0 else { continue }
            nextTelling = loop.now + Self.tellingPause
            let reasons = figures.lost.filter { $0.value > 0 }.map(\.key).sorted()
            shared.log.write(
                .error, "reports lost",
                [
                    ("tenant", .own(tenant)), ("reports", .integer(lost - (told[tenant] ?? 0))),
                    ("why", .string(reasons.joined(separator: ","))),
                ])
            told[tenant] = lost
        }
    }

    // MARK: For the queues

    /// nil while the file cannot be read.
    func reader() -> LedgerReader? {
        if opened == nil { opened = try? LedgerReader(notifier.path) }
        return opened
    }

    func trust(_ caFile: String?) -> Result<ClientTLS, HTTPFetch.Failure> {
        if let known = trusts[caFile ?? ""] { return known }
        let made: Result<ClientTLS, HTTPFetch.Failure>
        do throws(TLSError) {
            made = .success(try ClientTLS(authorities: caFile))
        } catch {
            made = .failure(HTTPFetch.Failure(description: "notify.ca_file: \(error)"))
        }
        trusts[caFile ?? ""] = made
        return made
    }
}

import Admin
import Basics
import Glibc
import Inspector
import Ledger
import Metrics
import Synchronization
import Transport

/// Collects the numbers of all workers into one text. A worker answers between batches of messages,
/// so within milliseconds; one that does not is left out and named in the log, because an
/// incomplete page is better than none.
final class Scrape: Sendable {
    static let contentType = Exposition.contentType
    /// Prometheus allows a scrape 10 s by default; manual requests allow less.
    private static let patience = Interval.seconds(1)

    private let mailboxes: [Transport.Mailbox]
    private let shared: Shared
    private let inspector: Inspector
    private var log: Log { shared.log }

    init(mailboxes: [Transport.Mailbox], shared: Shared, inspector: Inspector) {
        self.mailboxes = mailboxes
        self.shared = shared
        self.inspector = inspector
    }

    /// Returns at once; `done` is called once, on a separate thread, because the admin thread must
    /// not wait.
    func run(_ done: @escaping @Sendable ([UInt8]) -> Void) {
        do {
            try startThread("scrape") { [self] in done(text()) }
        } catch {
            log.write(.warning, "no thread for a scrape", [("why", .string("\(error)"))])
            done(Exposition.text(process()))
        }
    }

    private func text() -> [UInt8] {
        let answers = Answers(count: mailboxes.count)
        for mailbox in mailboxes {
            mailbox.post { loop in
                if let worker = loop.owner as? Worker { answers.add(worker.snapshot()) }
            }
        }
        let snapshots = answers.wait(Self.patience)
        if snapshots.count < mailboxes.count {
            log.write(
                .warning, "workers left out of a scrape",
                [("workers", .integer(mailboxes.count - snapshots.count))])
        }
        let others = [process(), shared.conversations?.delays].compactMap { $0 }
        return Exposition.text(Snapshot(merging: snapshots + others))
    }

    private func process() -> Snapshot {
        let figures = ProcessFigures.now()
        var shard = Shard()
        func put(_ value: Double, _ metric: Metric) { shard.set(value, at: shard.series(metric)) }
        shard.set(1, at: shard.series(.build, [Version.text]))
        put(Double(log.lost), .logLost)
        put(figures.startTime, .processStart)
        put(figures.cpuSeconds, .processCPU)
        put(figures.residentBytes, .processResident)
        put(Double(shared.memory.use), .memoryUsed)
        put(Double(shared.memory.bound), .memoryBound)
        put(Double(shared.lobby.count), .unopened)
        put(figures.openFiles, .processOpenFiles)
        put(figures.maximumFiles, .processMaximumFiles)
        if let ledger = shared.ledger?.condition {
            put(Double(ledger.queued), .ledgerQueue)
            put(Double(ledger.lost), .ledgerLost)
            put(shared.isLedgerWell ? 1 : 0, .ledgerWell)
        }
        let conversations = shared.conversations?.condition
        put(Double(conversations?.waiting ?? 0), .conversationsWaiting)
        put(Double(conversations?.lost ?? 0), .conversationsLost)
        put(conversations?.oldest.seconds ?? 0, .conversationsOldest)
        _ = shard.series(.conversationsDelay)
        for (tenant, model, isOpen) in shared.breakers {
            shard.set(isOpen ? 1 : 0, at: shard.series(.breakerOpen, [tenant, model]))
        }
        for (tenant, budget, used) in shared.budgets {
            shard.set(Double(budget) / 1e6, at: shard.series(.budget, [tenant, "", "day"]))
            shard.set(Double(used) / 1e6, at: shard.series(.budgetUsed, [tenant, "", "day"]))
        }
        for (tenant, waiting, figures) in shared.notifier?.report(shared.policiesInForce) ?? [] {
            shard.set(Double(waiting), at: shard.series(.notifyQueue, [tenant, ""]))
            for (result, count) in [("delivered", figures.delivered), ("failed", figures.failed)] {
                shard.set(Double(count), at: shard.series(.notifyAttempts, [tenant, "", result]))
            }
            for reason in Notifier.reasons {
                let count = figures.lost[reason] ?? 0
                shard.set(Double(count), at: shard.series(.notifyLost, [tenant, "", reason]))
            }
        }
        put(Double(inspector.readers.now), .eventReaders)
        put(Double(inspector.readers.dropped), .eventReadersDropped)
        return shard.snapshot()
    }
}

/// The workers' answers so far.
private final class Answers: Sendable {
    private let list = Mutex<[Snapshot]>([])
    private let answered: Latch

    init(count: Int) { answered = Latch(count: count) }

    func add(_ snapshot: Snapshot) {
        list.withLock { $0.append(snapshot) }
        answered.arrive()
    }

    /// Returns when all have answered, or with the answers so far.
    func wait(_ patience: Interval) -> [Snapshot] {
        _ = answered.wait(within: patience)
        return list.withLock { $0 }
    }
}

public import Basics
import CLinux
import CSQLite
import Synchronization
import Transport

/// The durable record of sessions, turns, tokens and cost.
///
/// Callers queue records and continue; one thread writes them in batches. While the file cannot be
/// written (a full disk, a lock, a read-only mount) records wait, up to a limit; beyond it they are
/// lost, and counted. While another process, which is leaving, has the file, they wait in a file of
/// their own (`Newcomer`). No caller ever waits.
public final class Ledger: Sendable {
    public struct Options: Sendable {
        /// Recorded with each session.
        public var version = ""
        /// Sessions that ended longer ago are deleted; nil keeps all.
        public var retention: Interval?
        /// Maximum number of waiting records: about three seconds of 5,000 turns a second, twelve
        /// of 1,000.
        public var capacity = 300_000
        /// Their maximum total size in bytes.
        public var room = 64 << 20
        /// Another process is about to release the file: until then, records are written to a
        /// separate file beside it.
        public var awaitsLock = false
        /// If the file cannot be opened, its records wait and it is tried again, as after the wait
        /// for another process; else opening the ledger fails.
        public var opensLater = false
        /// Where the ledger is, if not in this file, which then holds the rows that are not there
        /// yet.
        public var remote: Remote?
        /// Maximum number of pages of 4 KiB; nil: unlimited. For tests, instead of a full disk.
        var pages: Int?

        public init() {}
    }

    /// PostgreSQL, and the user that writes there.
    public struct Remote: Sendable {
        public var address: PostgresAddress
        /// This node's name, different from others'.
        public var node: String
        /// Whether the ledger can be opened only if PostgreSQL can be written.
        public var isRequired = true

        public init(_ address: PostgresAddress, node: String) {
            self.address = address
            self.node = node
        }
    }

    /// The ledger's health, for metrics.
    public struct Condition: Equatable, Sendable {
        /// Waiting records, and rows that wait for PostgreSQL.
        public var queued = 0
        /// Only the rows that wait for PostgreSQL.
        public var behind = 0
        /// The records in a separate file until the ledger is ours.
        public var aside = 0
        /// Lost records.
        public var lost = 0
        /// By tenant: records lost because too many of that tenant's were waiting.
        public var flooded: [String: Int] = [:]
        /// Why the last attempt to write, or to open the file, failed; nil if it succeeded.
        public var trouble: String?
        /// The file is damaged, or is no ledger: that will not pass by itself.
        public var isDamaged = false
        /// Why PostgreSQL cannot be written; nil if it can, or is not used.
        public var outage: String?

        public init() {}
    }

    private struct Queue {
        var records: [Record] = []
        /// The shares of `records`, and of records taken from there and not yet written.
        var queued = QueueShares()
        var inHand = QueueShares()
        /// By index. The first is the process's own, used by callers that name no tenant.
        var tenants = [""]
        var places = ["": 0]
        var condition = Condition()
        /// Messages for the operator, each once.
        var notices: [String] = []
        /// Removes values that no record may contain.
        var scrubber = Scrubber()
        /// Callers that wait until everything queued before is written or lost.
        var waiting: [Latch] = []
        var isOpen = true
    }

    private let queue = Mutex(Queue())
    /// Why the file could not be opened.
    private let failure = Mutex<LedgerError?>(nil)
    private let counts = Mutex<NoteCounts?>(nil)
    /// How long to wait for another process and PostgreSQL at the end.
    private let farewell = Mutex(Interval.zero)
    /// nil without PostgreSQL, and before the file is open.
    private let shipper = Mutex<Shipper?>(nil)
    let options: Options
    private let thread = BackgroundThread()
    /// The file is open or cannot be opened.
    private let opened = Latch()
    /// Records are collected for this time and then written together: much less than the second
    /// that a `kill -9` may cost, and much more than a transaction takes.
    private static let gathering = Interval.milliseconds(200)
    private static let retryAfter = Interval.milliseconds(500)

    private let isLockAwaited: Atomic<Bool>

    /// Another process still writes the file.
    public var isAwaited: Bool { isLockAwaited.load(ordering: .relaxed) }

    private let fileIsOpen = Atomic(false)

    /// The file is open. Until then it may be made, replaced or repaired by anyone.
    public var hasFile: Bool { fileIsOpen.load(ordering: .relaxed) }

    private init(_ options: Options) {
        self.options = options
        isLockAwaited = Atomic(options.awaitsLock)
    }

    /// From now on, removes these values from the control text of all records.
    public func scrubs(with scrubber: Scrubber) { queue.withLock { $0.scrubber = scrubber } }

    // MARK: For callers

    /// Opens the file, creates it if necessary, updates its schema, and closes the sessions that a
    /// dead process left open, as `unfinished`.
    public static func open(
        _ path: String, _ options: Options = Options()
    ) -> Result<Ledger, LedgerError> {
        do throws(LedgerError) {
            if let remote = options.remote, remote.isRequired {
                let postgres = try Postgres(remote.address, for: .writing)
                try PostgresSchema.migrate(postgres)
                try PostgresSchema.checkWritable(postgres)
            }
            let ledger = Ledger(options)
            do throws(SystemError) {
                try ledger.thread.start("ledger") { ledger.work(path) }
            } catch {
                throw LedgerError("opening the ledger", error.description)
            }
            if options.awaitsLock { return .success(ledger) }
            ledger.opened.wait()
            if let failure = ledger.failure.withLock({ $0 }) { throw failure }
            return .success(ledger)
        } catch {
            return .failure(error)
        }
    }

    /// Queues a record. Never waits; a record that does not fit is lost, and counted.
    public func append(_ record: Record) { append(record, of: 0) }

    /// For the records of a tenant's sessions.
    public func entrance(of tenant: String) -> Entrance {
        let place = queue.withLock { queue in
            if let known = queue.places[tenant] { return known }
            queue.places[tenant] = queue.tenants.count
            queue.tenants.append(tenant)
            return queue.tenants.count - 1
        }
        return Entrance(ledger: self, place: place)
    }

    func append(_ record: Record, of place: Int) {
        let load = QueueShares.Load(count: 1, weight: record.weight)
        let isDetail = record.isDetail
        let isFirst = queue.withLock { queue in
            guard queue.isOpen else {
                queue.condition.lost += 1
                return false
            }
            let all = queue.queued.all + queue.inHand.all + load
            let own = queue.queued.load(of: place) + queue.inHand.load(of: place) + load
            guard
                QueueShares.hasRoom(
                    own: own.count, all: all.count, limit: options.capacity, isDetail: isDetail),
                QueueShares.hasRoom(
                    own: own.weight, all: all.weight, limit: options.room, isDetail: isDetail)
            else {
                queue.condition.lost += 1
                queue.condition.flooded[queue.tenants[place], default: 0] += 1
                return false
            }
            queue.records.append(record)
            queue.queued.add(load, of: place)
            return queue.records.count == 1
        }
        if isFirst { thread.wake() }
    }

    /// Returns when everything queued before is written, or could not be; except for sums of
    /// current turns, which may follow half a second later.
    public func flush() {
        let written = Latch()
        let isOpen = queue.withLock { queue in
            if queue.isOpen { queue.waiting.append(written) }
            return queue.isOpen
        }
        guard isOpen else { return }
        thread.wake()
        written.wait()
        shipper.withLock { $0 }?.flush()
    }

    /// Writes waiting records and ends the thread. Records that cannot be written now are lost, and
    /// counted.
    /// - Parameter patience: For PostgreSQL, and for a process that still has the file; what they
    ///   do not accept now is written at the next start.
    public func close(within patience: Interval = .seconds(5)) {
        farewell.withLock { $0 = patience }
        let wasOpen = queue.withLock { queue in
            defer { queue.isOpen = false }
            return queue.isOpen
        }
        guard wasOpen else { return }
        thread.end()
    }

    public var condition: Condition {
        queue.withLock { queue in
            var condition = queue.condition
            condition.queued = queue.queued.all.count + queue.inHand.all.count + condition.aside
            if let remote = shipper.withLock({ $0 })?.condition {
                condition.behind = remote.behind
                condition.queued += remote.behind
                condition.lost += remote.lost
                condition.outage = remote.outage
            }
            return condition
        }
    }

    /// Messages for the operator, each once: the state of other nodes and of PostgreSQL's clock,
    /// and records left by processes that have died.
    public func takeNotices() -> [String] {
        let own = queue.withLock { queue in
            defer { queue.notices = [] }
            return queue.notices
        }
        return own + (shipper.withLock { $0 }?.takeNotices() ?? [])
    }

    func tell(_ notice: String) {
        queue.withLock { if !$0.notices.contains(notice) { $0.notices.append(notice) } }
    }

    /// The notes in the file; nil while the file is not ours.
    public var notes: NoteCounts? { counts.withLock { $0 } }

    /// - Returns: -1 if another process has it.
    private static func tryLock(_ path: String) throws(LedgerError) -> Int32 {
        // SAFETY: the path is read during the call.
        let fd = unsafe tk_try_lock_file(path)
        guard fd < 0, fd != -EWOULDBLOCK else { return max(fd, -1) }
        throw LedgerError(
            "locking \(path)", code: fd == -ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN,
            SystemError("opening it", -fd).description)
    }

    /// - Returns: -1 while another process has it.
    func takeLock(of path: String) throws(LedgerError) -> Int32 {
        let lock = try Self.tryLock(path + ".lock")
        isLockAwaited.store(lock < 0, ordering: .relaxed)
        return lock
    }

    /// The file never became ours, or cannot be opened: waiting records are lost, and reported.
    private func forgo(_ error: LedgerError) {
        isLockAwaited.store(false, ordering: .relaxed)
        queue.withLock { queue in
            queue.condition.lost += queue.records.count
            queue.condition.trouble = error.description
            queue.records = []
            queue.queued = QueueShares()
            queue.isOpen = false
            for latch in queue.waiting { latch.arrive() }
            queue.waiting = []
        }
    }

    /// Read after closing, for a process that is leaving: it has written everything within seconds
    /// of its drain.
    var patience: Interval { farewell.withLock { $0 } }

    // MARK: The writer's thread

    /// The thread's main function: only this thread accesses the file's content.
    private func work(_ path: String) {
        var lock: Int32 = -1
        var isWaited = false
        do throws(LedgerError) {
            let (store, pending) = try openFile(path, &lock) {
                isWaited = true
                opened.arrive()
            }
            let checkpoints = try Checkpoints(path)
            counts.withLock { $0 = store.notes }
            let shipper = try options.remote.map { (remote) throws(LedgerError) in
                try Shipper(
                    path, options, remote,
                    behind: Int(store.database.integer("SELECT count(*) FROM unshipped")))
            }
            self.shipper.withLock { $0 = shipper }
            note(trouble: nil)
            fileIsOpen.store(true, ordering: .relaxed)
            opened.arrive()
            var writer = Writer(self, store, checkpoints, shipper)
            if isWaited {
                writer.pending = pending
                // The ledger may have been closed while the thread waited.
                thread.wake()
            }
            writer.run()
            shipper?.end(within: farewell.withLock { $0 })
            checkpoints.end()
        } catch {
            if isWaited { forgo(error) } else { failure.withLock { $0 = error } }
        }
        // The file is closed by now, so waiting callers may open it.
        tk_close(lock, 0)
        opened.arrive()
    }

    /// Owns the database. Ends when the ledger closes.
    private struct Writer {
        let ledger: Ledger
        let store: LedgerStore
        let checkpoints: Checkpoints
        let shipper: Shipper?
        /// Records of a failed attempt.
        var pending: [Record] = []
        var nextForgetting: Int64 = 0

        init(
            _ ledger: Ledger, _ store: LedgerStore, _ checkpoints: Checkpoints, _ shipper: Shipper?
        ) {
            self.ledger = ledger
            self.store = store
            self.checkpoints = checkpoints
            self.shipper = shipper
        }

        mutating func run() {
            while true {
                // If anything is left over, it must wake up by itself.
                let isIdle = pending.isEmpty && !store.isHolding
                ledger.thread.sleep(isIdle ? nil : Ledger.retryAfter)
                if !ledger.isUrgent { ledger.thread.sleep(Ledger.gathering) }
                let (records, waiting, isOpen, scrubber) = ledger.dequeue()
                let taken = scrubber.isEmpty ? records : records.map { $0.scrubbed(scrubber) }
                pending = pending.isEmpty ? taken : pending + taken
                write(closing: !isOpen)
                checkpoints.follow(store.database)
                shipper?.follow(isNew: !taken.isEmpty)
                if pending.isEmpty { ledger.settle() }
                for latch in waiting { latch.arrive() }
                forget()
                if !isOpen {
                    return ledger.lose(pending.count)
                }
            }
        }

        private mutating func write(closing: Bool) {
            guard closing || !pending.isEmpty || store.isHolding else { return }
            let now = Instant(nanoseconds: tk_now())
            do throws(LedgerError) {
                ledger.lose(try store.write(pending, at: now, closing: closing))
                ledger.note(trouble: nil)
                pending = []
                ledger.counts.withLock { $0 = store.notes }
            } catch {
                ledger.note(trouble: error)
            }
        }

        /// Deletes a little at a time, so that records do not wait for it. From a spool, the
        /// shipper deletes only what has been sent.
        private mutating func forget() {
            guard ledger.options.remote == nil, let retention = ledger.options.retention,
                tk_now() >= nextForgetting
            else { return }
            let before = WallTime(nanoseconds: tk_wall()) - retention
            let removed = (try? store.forget(before: before, limit: 200)) ?? 0
            nextForgetting = tk_now() + (removed == 200 ? 1_000_000_000 : 60_000_000_000)
        }
    }

    /// A caller waits for queued records.
    private var isUrgent: Bool { queue.withLock { !$0.isOpen || !$0.waiting.isEmpty } }

    /// Sleeps until there are records, or the file may be ours.
    func rest() {
        thread.sleep(Self.gathering)
        if !isUrgent { thread.sleep(Self.gathering) }
    }

    func dequeue() -> (
        records: [Record], waiting: [Latch], isOpen: Bool, scrubber: Scrubber
    ) {
        queue.withLock { queue in
            defer {
                queue.inHand.add(queue.queued)
                queue.queued = QueueShares()
                queue.records = []
                queue.waiting = []
            }
            return (queue.records, queue.waiting, queue.isOpen, queue.scrubber)
        }
    }

    /// The records in hand are written.
    private func settle() { queue.withLock { $0.inHand = QueueShares() } }

    /// This many are written to a separate file.
    func settle(aside count: Int) {
        queue.withLock { queue in
            queue.inHand = QueueShares()
            queue.condition.aside = count
        }
    }

    /// The records from the separate file are in the ledger.
    func settleAside() { queue.withLock { $0.condition.aside = 0 } }

    func lose(_ count: Int) {
        queue.withLock { queue in
            queue.condition.lost += count
            if !queue.isOpen { queue.inHand = QueueShares() }
        }
    }

    /// Why the last attempt to write, or to open the file, failed; nil if it succeeded.
    func note(trouble: LedgerError?) {
        queue.withLock { queue in
            queue.condition.trouble = trouble?.description
            queue.condition.isDamaged = trouble?.isOfADamagedFile == true
        }
    }
}

import Basics
import CLinux
import CSQLite
import Synchronization
import Transport

/// Sends what a node writes to its spool to PostgreSQL, on its own thread: neither the ledger's
/// writer nor a call waits for it. While PostgreSQL cannot be written, rows wait in the spool, and
/// go in the order in which they came.
final class Shipper: Sendable {
    /// Its state, for reports.
    struct Condition: Sendable {
        /// The number of waiting rows.
        var behind = 0
        var lost = 0
        /// Why the last attempt failed; nil if it succeeded.
        var outage: String?
        /// Messages for the operator, each once.
        var notices: [String] = []
    }

    private struct State {
        var condition = Condition()
        /// Callers that wait for the end of the next round.
        var waiting: [Latch] = []
        var isOver = false
        /// The writer's batches, and how many of them a round has begun with.
        var written = 0
        var seen = 0
    }
    private let state: Mutex<State>
    private let path: String
    private let remote: Ledger.Remote
    private let retention: Interval?
    private let version: String
    private let thread = BackgroundThread()

    /// Rows per transaction: a second of a hundred turns, and less than a megabyte.
    private static let batch = 1000
    private static let retryAfter = Interval.milliseconds(500)
    /// How often an idle node reports that it is alive.
    private static let rest = Interval.seconds(5)

    /// - Parameter behind: Rows that were already waiting.
    init(
        _ path: String, _ options: Ledger.Options, _ remote: Ledger.Remote, behind: Int
    ) throws(LedgerError) {
        var first = State()
        first.condition.behind = behind
        state = Mutex(first)
        self.path = path
        self.remote = remote
        retention = options.retention
        version = options.version
        do throws(SystemError) {
            try thread.start("ledger-ships") { self.work() }
        } catch {
            throw LedgerError("opening the ledger", error.description)
        }
    }

    var condition: Condition {
        state.withLock { state in
            var condition = state.condition
            // A batch that was just written is at least one row.
            if state.written != state.seen { condition.behind = max(1, condition.behind) }
            return condition
        }
    }

    /// The messages since the last call.
    func takeNotices() -> [String] {
        state.withLock { state in
            defer { state.condition.notices = [] }
            return state.condition.notices
        }
    }

    /// Called on the writer's thread, after a commit.
    /// - Parameter isNew: It had new records.
    func follow(isNew: Bool) {
        if isNew { state.withLock { $0.written += 1 } }
        thread.wake()
    }

    /// Returns when everything written before has been sent, or could not be.
    func flush() {
        let sent = Latch()
        let isOver = state.withLock { state in
            if !state.isOver { state.waiting.append(sent) }
            return state.isOver
        }
        guard !isOver else { return }
        thread.wake()
        sent.wait()
    }

    /// Sends what it can within this time, and ends. The rest stays in the spool.
    func end(within patience: Interval) {
        state.withLock { $0.isOver = true }
        if thread.end(within: patience) { return }
        thread.stopWaiting()
        thread.end(within: Self.connecting)
    }

    /// A thread that is just connecting gets no more time. It touches only the spool, and only when
    /// it is connected.
    private static let connecting = Interval.milliseconds(300)

    // MARK: The thread

    private func work() {
        guard var courier = makeCourier() else { return endWaiting() }
        while true {
            let pause = condition.outage == nil ? Self.rest : Self.retryAfter
            thread.sleep(pause)
            let (waiting, isOver) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isOver)
            }
            round(&courier, isOver: isOver)
            for latch in waiting { latch.arrive() }
            if isOver { return endWaiting() }
        }
    }

    /// - Returns: nil if the shipper ends before its spool can be read.
    private func makeCourier() -> Courier? {
        while true {
            do throws(LedgerError) {
                return try Courier(
                    path, remote, version: version, retention: retention, onBehalfOf: thread)
            } catch {
                report(error)
            }
            thread.sleep(Self.retryAfter)
            let (waiting, isOver) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isOver)
            }
            for latch in waiting { latch.arrive() }
            if isOver { return nil }
        }
    }

    private func endWaiting() {
        state.withLock { state in
            state.isOver = true
            for latch in state.waiting { latch.arrive() }
            state.waiting = []
        }
    }

    /// Sends until nothing is left, or it fails.
    private func round(_ courier: inout Courier, isOver: Bool) {
        var isAgain = false
        while true {
            do throws(LedgerError) {
                return try send(&courier, isOver: isOver)
            } catch {
                // A connection may have ended while unused, which is not an outage.
                guard courier.hasLostConnection, !isAgain, !isStopped else {
                    courier.hangUp()
                    return report(error, behind: courier.behind)
                }
                isAgain = true
            }
        }
    }

    private func send(_ courier: inout Courier, isOver: Bool) throws(LedgerError) {
        let written = state.withLock { $0.written }
        let waiting = courier.behind
        let isAway = state.withLock { state in
            state.condition.behind = waiting
            return state.condition.outage != nil
        }
        // Only a write shows that PostgreSQL can be written, even if nothing waits.
        if isAway { courier.greetAtOnce() }
        var count = 0
        repeat {
            count = try courier.carry(upTo: Self.batch)
            let lost = courier.takeLost()
            state.withLock { state in
                state.condition.behind = max(0, state.condition.behind - count)
                if count > 0 { state.condition.outage = nil }
                state.condition.lost += lost.count
                state.condition.notices += lost
            }
        } while count > 0 && !isStopped
        let notices = try courier.tidy(isOver: isOver)
        let behind = isStopped ? courier.behind : 0
        state.withLock { state in
            state.condition.behind = behind
            state.condition.outage = nil
            state.seen = written
            state.condition.notices += notices
        }
    }

    private var isStopped: Bool { thread.waitsForNothing }

    private func report(_ error: LedgerError, behind: Int = 0) {
        state.withLock { state in
            state.condition.outage = error.description
            state.condition.behind = behind
        }
    }
}

/// Carries marked rows from a spool to PostgreSQL; owned by the shipper's thread.
struct Courier {
    private let spool: Database
    private let remote: Ledger.Remote
    private let version: String
    private let retention: Interval?
    private let identity: String
    private let thread: BackgroundThread?
    private var cargo: Cargo
    private var postgres: Postgres?
    /// Rows per transaction, while looking for a row that is refused.
    private var limit = Int.max
    private var lost: [String] = []
    private var nextSigning: Int64 = 0
    private var nextGreeting: Int64 = 0
    private var nextTidying: Int64 = 0
    private var nextForgetting: Int64 = 0
    private var nextDropping: Int64 = 0
    private var isNamesake = false
    private var clocks = ClockWatch()

    init(
        _ path: String, _ remote: Ledger.Remote, version: String, retention: Interval?,
        onBehalfOf thread: BackgroundThread? = nil
    ) throws(LedgerError) {
        self.remote = remote
        self.thread = thread
        self.version = version
        self.retention = retention
        spool = try Database(path, flags: SQLITE_OPEN_READWRITE)
        spool.wait(milliseconds: 2000)
        // While this thread writes, the ledger's writer waits: so this must not wait for the disk.
        try spool.execute("PRAGMA synchronous = NORMAL")
        spool.countPagesInLog()
        var identity = ""
        try spool.query("SELECT identity FROM spool") { identity = $0.text(0) }
        self.identity = identity
        cargo = try Cargo(
            from: spool, of: Cargo.Owner(node: remote.node, spool: identity), eldest: Self.eldest)
    }

    /// In days. A session that is sent later than this may come from a clock that was wrong, or
    /// from an outage. It is kept from today on.
    private static let eldest: Int64 = 1

    /// The last attempt had a connection, and lost it.
    var hasLostConnection: Bool { postgres?.isConnected == false }

    /// PostgreSQL may refuse writes on this connection because it was made while the database was
    /// read-only. A new one also recreates tables that were dropped.
    mutating func hangUp() { postgres = nil }

    /// The number of waiting rows.
    var behind: Int { (try? spool.integer("SELECT count(*) FROM unshipped")).map { Int($0) } ?? 0 }

    /// - Returns: The number of rows sent, 0 if none waits.
    mutating func carry(upTo most: Int) throws(LedgerError) -> Int {
        let open = try connect()
        // Also while much is sent after an outage: others would take this spool for abandoned.
        if tk_now() >= nextSigning { try sign(open) }
        let count = try cargo.load(min(limit, most))
        guard count > 0 else { return 0 }
        do {
            try cargo.send(to: open)
            try cargo.settle()
            limit = limit > most / 2 ? most : limit * 2
        } catch let error where error.isOfTheRows {
            // Finds a row that PostgreSQL refuses by bisection, so that only this one is lost.
            limit = max(1, count / 2)
            if count == 1 {
                lost.append(error.description)
                try cargo.settle()
            }
        }
        return count
    }

    /// Why each refused row was refused.
    mutating func takeLost() -> [String] {
        defer { lost = [] }
        return lost
    }

    private mutating func connect() throws(LedgerError) -> Postgres {
        if let postgres, postgres.isConnected { return postgres }
        postgres = nil
        let made = try Postgres(remote.address, for: .writing, onBehalfOf: thread)
        try PostgresSchema.migrate(made)
        // Before the first row of a session: others would take it for one of a spool that is gone.
        try sign(made)
        postgres = made
        nextGreeting = 0
        return made
    }

    // MARK: Occasionally

    mutating func greetAtOnce() { nextGreeting = 0 }

    /// - Returns: Messages for the operator.
    mutating func tidy(isOver: Bool) throws(LedgerError) -> [String] {
        let open = try connect()
        var notices: [String] = []
        if isOver {
            try open.run(
                "UPDATE nodes SET seen = '-infinity' WHERE name = ? AND identity = ?",
                [.text(remote.node), .text(identity)])
            try open.run(
                "UPDATE spools SET seen = '-infinity' WHERE identity = ?", [.text(identity)])
            return []
        }
        if tk_now() >= nextGreeting {
            nextGreeting = tk_now() + 5_000_000_000
            notices = try greet(open)
        }
        if tk_now() >= nextTidying {
            let moment = WallTime(nanoseconds: tk_wall()) - Self.keptAfterEnd
            let removed = try Spool.forget(spool, before: moment, limit: 500)
            nextTidying = tk_now() + (removed == 500 ? 200_000_000 : 10_000_000_000)
            // For followers of all sessions; a session's entries are in its blocks.
            try open.run("DELETE FROM log WHERE at < now() - interval '10 minutes'")
        }
        if tk_now() >= nextForgetting {
            nextForgetting = tk_now() + 60_000_000_000
            try closeLeft(open)
            try open.run(
                "DELETE FROM spools WHERE seen < now() - interval '1 day'")
        }
        if let retention, tk_now() >= nextDropping {
            nextDropping = tk_now() + 60_000_000_000
            // By the database's clock: a node whose clock is wrong must not drop other nodes' days.
            let first = (try open.clock() - retention).dayNumber
            // A session that began at the end of a day may have ended on the next.
            if try !cargo.drop(before: first - 1, open) { nextDropping = 0 }
        }
        return notices
    }

    /// Late reports about a session's last turn come within seconds.
    private static let keptAfterEnd = Interval.seconds(300)

    private mutating func greet(_ open: Postgres) throws(LedgerError) -> [String] {
        // The schema may have become too new for this program.
        _ = try PostgresSchema.version(open)
        var notices: [String] = []
        let changed = try open.run(
            """
            INSERT INTO nodes VALUES (?1, ?2, ?3, now()) ON CONFLICT (name) DO UPDATE
                SET identity = excluded.identity, version = excluded.version, seen = now()
                WHERE nodes.identity = excluded.identity
                    OR nodes.seen < now() - interval '30 seconds'
            """, [.text(remote.node), .text(identity), .text(version)])
        if changed == 0, !isNamesake {
            notices.append(
                "another node wrote this ledger as \(remote.node) within the last 30 s: unless it has "
                    + "gone, give each its own --node")
        }
        isNamesake = changed == 0
        let behind = try open.clock() - WallTime(nanoseconds: tk_wall())
        if let notice = clocks.notice(behind: behind) { notices.append(notice) }
        return notices
    }

    /// This spool is in use. Its identity counts, because two nodes may have one name.
    private mutating func sign(_ open: Postgres) throws(LedgerError) {
        nextSigning = tk_now() + 5_000_000_000
        try open.run(
            """
            INSERT INTO spools VALUES (?1, ?2, now()) ON CONFLICT (identity) DO UPDATE
                SET node = excluded.node, seen = now()
            """, [.text(identity), .text(remote.node)])
    }

    /// Closes sessions of spools that have not been heard from for ten minutes, or for half a
    /// minute if they had this node's name: then that node was restarted with a new data directory.
    /// And those of this spool that it does not know. A node that was only cut off overwrites this
    /// later with the truth. Programs before the schema's version 11 name no spool.
    private func closeLeft(_ open: Postgres) throws(LedgerError) {
        var known = "[]"
        try spool.query("SELECT json_group_array(id) FROM sessions WHERE ended_us IS NULL") {
            known = $0.text(0)
        }
        try open.run(
            """
            WITH gone AS (SELECT key, greatest(started_us, (SELECT max(coalesce(ended_us,
                    started_us)) FROM turn WHERE session = key)) AS end_us FROM sessions
                WHERE ended_us IS NULL AND CASE
                    WHEN spool = ?3 THEN id NOT IN (SELECT json_array_elements_text(?2::json))
                    WHEN spool != '' THEN NOT EXISTS (SELECT 1 FROM spools
                        WHERE identity = sessions.spool AND seen > now() - CASE
                            WHEN sessions.node = ?1 THEN interval '30 seconds'
                            ELSE interval '10 minutes' END)
                    ELSE node != '' AND node NOT IN
                        (SELECT name FROM nodes WHERE seen > now() - interval '10 minutes')
                        OR node = ?1 AND id NOT IN (SELECT json_array_elements_text(?2::json))
                    END),
            turns AS (UPDATE turn SET outcome = 'lost', ended_us = greatest(started_us, end_us)
                FROM gone WHERE session = key AND ended_us IS NULL),
            calls AS (UPDATE tool_call SET outcome = 'lost' FROM gone
                WHERE session = key AND outcome = 'open'),
            lines AS (UPDATE connection SET closed_us = greatest(opened_us, end_us) FROM gone
                WHERE session = key AND closed_us IS NULL)
            UPDATE sessions SET outcome = 'unfinished', ended_us = end_us FROM gone
                WHERE sessions.key = gone.key
            """,
            [isNamesake ? .text("") : .text(remote.node), .text(known), .text(identity)])
    }
}

extension LedgerError {
    /// A table, or the schema, does not exist.
    var isOfTheTables: Bool { state == "42P01" || state == "3F000" }

    /// PostgreSQL understood a row and refuses it.
    var isOfTheRows: Bool {
        state.hasPrefix("22") || state.hasPrefix("21") || state == "23502"
    }
}

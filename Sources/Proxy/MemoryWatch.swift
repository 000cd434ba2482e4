import Basics
import CLinux
import Policies
import Sessions
import Synchronization
import Transport

/// Keeps the process within its memory limit. Near it, in this order: warm connections to gemini
/// (`upstream.warm`) are closed; new connections of tenants above their share are refused, then
/// everybody's; connections without a setup are closed; kept audio of answered turns is dropped;
/// sessions above their share, in the tenant furthest above its own, are not read; these are closed.
/// No session within its share is closed because of others.
///
/// Runs on its own thread, so that messages cost nothing extra.
final class MemoryWatch: Sendable {
    /// How short memory is; each stage includes the actions of those before it.
    enum Stage: Int, Comparable {
        case plenty, refusing, clearing, shedding, starving, closing

        /// In hundredths of the limit.
        static func at(_ hundredths: Int) -> Stage {
            switch hundredths {
            case ..<80: .plenty
            case ..<85: .refusing
            case ..<87: .clearing
            case ..<89: .shedding
            case ..<92: .starving
            default: .closing
            }
        }

        /// Tenants above their share must not keep others out for long: a shortage that lasts is
        /// treated as the next stage, sooner if it keeps everybody out.
        func after(_ duration: Int64) -> Stage {
            guard self > .plenty else { return self }
            let patience: Int64 = self == .refusing ? 3_000_000_000 : 1_000_000_000
            let steps = Int(min(duration / patience, 5))
            return Stage(rawValue: min(rawValue + steps, Stage.closing.rawValue)) ?? .closing
        }

        static func < (a: Stage, b: Stage) -> Bool { a.rawValue < b.rawValue }
    }

    /// What a session, or anything else that is passed on, holds; for computing shares.
    struct Holding: Sendable {
        var session: String
        var tenant: String
        var bytes: Int
    }

    let bound: Int
    private let used = Atomic(0)
    /// Depends on the memory in use, and on how long it has been short.
    private let level = Atomic(0)
    private let stage = Atomic(0)
    /// The tenants above their share.
    private let crowding = Mutex<Set<String>>([])
    private let isCrowded = Atomic(false)
    private let over = Latch()
    private let figures = tk_open_memory_figures()

    /// The time between two checks while there is plenty: no network fills the memory in less. Near
    /// the limit checks are more frequent.
    private static let calmPause = Interval.milliseconds(100)
    private static let pause = Interval.milliseconds(20)
    /// The time between two rounds of taking away, so that the first can take effect.
    private static let roundPause: Int64 = 200_000_000

    init(bound: Int?) { self.bound = bound ?? MemoryBound.standard }

    deinit { tk_close(figures, 0) }

    /// The process's current use, in bytes.
    var resident: Int { tk_resident_bytes(figures) }

    /// In bytes, as of the last check.
    var use: Int { used.load(ordering: .relaxed) }

    var isShort: Bool { stage.load(ordering: .relaxed) > Stage.plenty.rawValue }

    /// Whether new connections of this tenant are refused. A tenant within its share does not pay
    /// for those above theirs, as long as there is room for it. If the tenant is not known yet
    /// (nil), it is judged later.
    func refuses(_ tenant: String?) -> Bool {
        if level.load(ordering: .relaxed) >= Stage.clearing.rawValue { return true }
        guard let tenant, isCrowded.load(ordering: .relaxed) else { return false }
        return crowding.withLock { $0.contains(tenant) }
    }

    func start(_ mailboxes: [Mailbox], _ shared: Shared) {
        tk_return_large_blocks()
        do throws(SystemError) {
            try startThread("memory") { [self] in look(mailboxes, shared) }
        } catch {
            shared.log.write(
                .error, "cannot start the memory watch", [("why", .string("\(error)"))])
        }
    }

    func end() { over.arrive() }

    private func look(_ mailboxes: [Mailbox], _ shared: Shared) {
        var last = Stage.plenty
        var nextRound: Int64 = 0
        var shortage: Int64?
        var (trims, nextTrim) = (0, Int64(0))
        while !over.wait(within: last == .plenty && use < bound / 2 ? Self.calmPause : Self.pause) {
            var use = resident
            if Stage.at(use / max(1, bound / 100)) > .plenty, tk_now() >= nextRound {
                // Freed memory that the allocator keeps is no reason to take more away.
                tk_trim()
                use = resident
            }
            used.store(use, ordering: .relaxed)
            renewReads(mailboxes)
            let level = Stage.at(use / max(1, bound / 100))
            if level == .plenty { shortage = nil } else { shortage = shortage ?? tk_now() }
            let now = level.after(shortage.map { tk_now() - $0 } ?? 0)
            self.level.store(level.rawValue, ordering: .relaxed)
            stage.store(now.rawValue, ordering: .relaxed)
            if now != last { report(now, since: last, shared.log) }
            if last >= .starving, now < .starving { feed(mailboxes) }
            if now > .plenty || isCrowded.load(ordering: .relaxed), tk_now() >= nextRound {
                nextRound = tk_now() + Self.roundPause
                relieve(now, level, mailboxes, shared)
            }
            if now > .plenty { (trims, nextTrim) = (Self.trims, tk_now() + Self.trimPause) }
            if trims > 0, tk_now() >= nextTrim {
                tk_trim()
                (trims, nextTrim) = (trims - 1, tk_now() + Self.trimPause)
            }
            last = now
        }
    }

    /// How often, after a shortage, the allocator returns free memory to the system: connections
    /// end one by one, and each frees some.
    private static let trims = 12
    private static let trimPause: Int64 = 5_000_000_000

    /// Lets workers read what there is room for, assuming that it takes four times its size: a
    /// client's data may wait for gemini and be kept for a new connection as well, and both buffers
    /// have slack.
    private func renewReads(_ mailboxes: [Mailbox]) {
        let parts = 4 * max(1, mailboxes.count)
        let room = (bound / 100 * Self.mostUsed - use) / parts
        let reserve = bound / 100 * Self.reserve / parts
        for mailbox in mailboxes where mailbox.reads.renew(room, reserve: reserve) {
            mailbox.post { $0.readAgain() }
        }
    }

    /// Hundredths of the limit: above `mostUsed`, only connections that hold little are read, and
    /// of them no more than `reserve`.
    private static let mostUsed = 96
    private static let reserve = 2

    private func report(_ now: Stage, since last: Stage, _ log: Log) {
        let fields: [(String, Log.Value)] = [
            ("bytes", .integer(use)), ("bound", .integer(bound)),
        ]
        switch now {
        case .plenty: log.write(.info, "memory is no longer short", fields)
        case .refusing:
            if last < now {
                log.write(
                    .warning,
                    "memory is short: new sessions of tenants above their share are refused",
                    fields)
            }
        case .clearing, .shedding, .starving, .closing:
            if last < now { log.write(.error, "memory is short", fields) }
        }
    }

    private func relieve(
        _ stage: Stage, _ level: Stage, _ mailboxes: [Mailbox], _ shared: Shared
    ) {
        if stage >= .refusing {
            for mailbox in mailboxes { mailbox.post { ($0.owner as? Worker)?.warm?.drop() } }
        }
        if stage >= .clearing {
            // While some clients are still admitted, those that have just connected get a moment
            // for their setup.
            if level >= .clearing { shared.lobby.clear() } else { _ = shared.lobby.giveWay(.max) }
            for mailbox in mailboxes { mailbox.post { $0.abandonDispensable() } }
        }
        if stage >= .shedding {
            for mailbox in mailboxes { mailbox.post { ($0.owner as? Worker)?.shed() } }
        }
        let census = Census(count: mailboxes.count)
        for mailbox in mailboxes {
            mailbox.post { census.add(($0.owner as? Worker)?.holdings ?? []) }
        }
        let holdings = census.wait()
        let room = bound / 100 * Self.goal
        let crowd = use < bound / 100 * Self.calm ? [] : Self.crowd(holdings, room: room, use: use)
        crowding.withLock { $0 = crowd }
        isCrowded.store(!crowd.isEmpty, ordering: .relaxed)
        guard stage >= .starving else { return }
        var above = Self.aboveShare(holdings, room: room, use: use)
        // The largest first, and only as many as are in the way.
        if stage == .closing { above = above.prefix(toFree: use - room) }
        let sessions = Set(above.map(\.session))
        guard !sessions.isEmpty else { return }
        for mailbox in mailboxes {
            mailbox.post {
                ($0.owner as? Worker)?.reclaim(from: sessions, closing: stage == .closing)
            }
        }
    }

    /// In hundredths of the limit. Memory is reclaimed down to `goal`, which is below the first
    /// stage; tenants that were above their share are refused until use falls below `calm`.
    private static let goal = 78
    private static let calm = 75

    private func feed(_ mailboxes: [Mailbox]) {
        for mailbox in mailboxes { mailbox.post { ($0.owner as? Worker)?.feed() } }
    }

    /// The sessions above their share, in the tenant furthest above its own, the largest first.
    static func aboveShare(_ holdings: [Holding], room: Int, use: Int) -> [Holding] {
        let tenants = Dictionary(grouping: holdings, by: \.tenant)
        let sums = tenants.mapValues { $0.reduce(0) { $0 + $1.bytes } }
        let share = share(of: sums, room: room, use: use)
        guard let (tenant, sum) = sums.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
            sum > share, let sessions = tenants[tenant]
        else { return [] }
        let own = share / sessions.count
        return sessions.filter { $0.bytes > own }
            .sorted { ($0.bytes, $0.session) > ($1.bytes, $1.session) }
    }

    /// The tenants above their share.
    static func crowd(_ holdings: [Holding], room: Int, use: Int) -> Set<String> {
        let sums = holdings.reduce(into: [String: Int]()) { $0[$1.tenant, default: 0] += $1.bytes }
        let share = share(of: sums, room: room, use: use)
        return Set(sums.filter { $0.value > share }.keys)
    }

    /// A tenant's share. Memory that no session holds is left out; tenants share the rest evenly,
    /// and so do a tenant's sessions.
    private static func share(of sums: [String: Int], room: Int, use: Int) -> Int {
        let held = sums.values.reduce(0, +)
        return max(room / 4, room - max(0, use - held)) / max(1, sums.count)
    }
}

extension [MemoryWatch.Holding] {
    /// The first ones that together hold this many bytes; at least one, because a shortage that has
    /// lasted does not end by itself.
    func prefix(toFree bytes: Int) -> [MemoryWatch.Holding] {
        var left = Swift.max(1, bytes)
        return Array(
            prefix { holding in
                defer { left -= holding.bytes }
                return left > 0
            })
    }
}

/// The workers' answers so far.
private final class Census: Sendable {
    private let list = Mutex<[MemoryWatch.Holding]>([])
    private let answered: Latch

    init(count: Int) { answered = Latch(count: count) }

    func add(_ holdings: [MemoryWatch.Holding]) {
        list.withLock { $0 += holdings }
        answered.arrive()
    }

    /// Returns the answers that have arrived by then: a worker answers between two batches.
    func wait() -> [MemoryWatch.Holding] {
        _ = answered.wait(within: .seconds(1))
        return list.withLock { $0 }
    }
}

extension Worker {
    var holdings: [MemoryWatch.Holding] {
        sessions.map {
            MemoryWatch.Holding(session: $0.id, tenant: $0.policy.tenant, bytes: $0.heldBytes)
        }
            + passages.values.map {
                MemoryWatch.Holding(session: $0.id, tenant: $0.tenant, bytes: $0.heldBytes)
            }
    }

    func reclaim(from sessions: Set<String>, closing: Bool) {
        for driver in self.sessions where sessions.contains(driver.id) {
            driver.starve(true)
            if closing { driver.handle(.limitReached(.memory)) }
        }
        for passage in sessions.compactMap({ passages[$0] }) {
            passage.starve(true)
            if closing { passage.yield() }
        }
    }

    /// Drops what is kept of answered turns.
    func shed() { for driver in sessions { driver.handle(.memoryShort) } }

    func feed() {
        for driver in sessions { driver.starve(false) }
        for passage in passages.values { passage.starve(false) }
    }
}

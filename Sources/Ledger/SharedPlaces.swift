public import Basics
import CLinux
import Synchronization
import Wire

/// Tenants' sessions over all nodes.
///
/// Places are held: no two processes hold the same one, so each gives one of its own without asking
/// anybody. In each round what nobody uses is shared out anew: to each process the same, and more to
/// one that had to refuse. A process lowers what it holds before it says so, and raises it only after
/// PostgreSQL has agreed. One that is cut off keeps what it holds; after `absence` others may have it.
public final class SharedPlaces: Sendable {
    /// A process that has not been heard of for so long holds nothing.
    static let absence = Interval.seconds(15)
    /// A process that had no round for so long gives up what it does not use, because others may have
    /// it by now. The rest of `absence` is for a round, whose parts may take two seconds each.
    private static let silence = Interval.seconds(5)
    /// Whoever was refused comes back after a second, and finds a place.
    private static let memory = Interval.seconds(4)
    /// More refusals in a round weigh no more.
    private static let mostWanted = 1000

    /// A tenant's places in one process, or in several.
    struct Claim: Equatable {
        var used = 0
        /// At least as many as are used.
        var held = 0
        /// How many more were asked for lately.
        var wanted = 0

        /// How many of a limit it should hold beside those that it uses.
        func share(of limit: Int, others: Claim, processes: Int) -> Int {
            let free = max(0, limit - used - others.used)
            let all = max(1, processes) + wanted + others.wanted
            // The last ones, which cannot be divided, are for whoever wants them.
            if wanted > 0 { return (free * (1 + wanted) + all - 1) / all }
            return others.wanted > 0 ? free / all : min(free, max(1, free / all))
        }
    }

    /// A tenant's row of this process.
    private struct Entry {
        var tenant: String
        var limit: Int
        var claim: Claim
        /// Of those that were refused lately some may come again.
        var isExpecting: Bool
        /// What it may hold if nobody else does.
        var target = 0
    }

    fileprivate struct State {
        var limits: [String: Int] = [:]
        var places: [String: Places] = [:]
        /// nil: all is to be read again.
        var others: OtherPlaces?
        /// As written last.
        var written: [String: Claim] = [:]
        var wishes: [String: (count: Int, until: Int64)] = [:]
        var dead: [String] = []
        var processes = 0
        /// It has had its share since it began, or was away.
        var isSettled = false
        /// By the clock of `tk_now`, like all that follow.
        var lastRound: Int64 = 0
        /// The last time without rounds: its beginning and its end.
        var gap: (from: Int64, to: Int64) = (0, 0)
        var nextTidying: Int64 = 0
    }
    private let state = Mutex(State())
    private let shared: SharedState

    public init(_ shared: SharedState) {
        self.shared = shared
        shared.everyRound { [weak self] (postgres) throws(LedgerError) in
            try self?.round(postgres)
        }
    }

    /// One tenant's in this process.
    public func places(of tenant: String) -> Places {
        state.withLock { state in
            if let known = state.places[tenant] { return known }
            let made = Places(isShared: true)
            state.places[tenant] = made
            return made
        }
    }

    /// - Parameter limits: By tenant, of all that can have sessions.
    public func adopt(_ limits: [String: Int]) { state.withLock { $0.limits = limits } }

    /// Earlier processes in the place of this one. They are over, and hold nothing.
    public func bury(_ processes: [String]) {
        state.withLock { $0.dead += processes.filter { $0 != shared.process } }
    }

    /// How many take sessions; before they are known, a guess.
    public var processes: Int {
        let known = state.withLock { $0.processes }
        return known > 0 ? known : Places.unheard
    }

    /// Waits until this process holds its share: others have to lower theirs first. Not longer than
    /// this, and not where PostgreSQL does not answer.
    public func awaitShare(within patience: Interval) {
        let end = tk_now() + patience.nanoseconds
        while tk_now() < end, shared.outage == nil, !state.withLock({ $0.isSettled }) {
            shared.hasten()
            usleep(100_000)
        }
    }

    // MARK: In a round

    private func round(_ postgres: Postgres) throws(LedgerError) {
        if shared.isEnding {
            try postgres.run("DELETE FROM places WHERE process = ?", [.text(shared.process)])
            return
        }
        let now = tk_now()
        let (window, wasAway) = state.withLock { $0.begin(at: now) }
        do {
            try bury(postgres)
            var others = state.withLock { $0.others.take() } ?? OtherPlaces()
            try others.read(postgres, as: shared.process, window)
            let wasSettled = state.withLock { $0.isSettled } && !wasAway
            var isSettled = true
            let entries = entries().compactMap { entry in
                let (entry, isShort) = claim(entry, &others, wasAway, wasSettled)
                isSettled = isSettled && !isShort
                return entry
            }
            let isGranted = try write(entries, postgres, window)
            state.withLock { state in
                state.processes = max(1, others.processes)
                state.others = others
                state.isSettled = wasSettled || isSettled && isGranted
                state.lastRound = now
            }
        } catch {
            // What became of it is not known.
            state.withLock { $0.doubt() }
            throw error
        }
        try tidy(postgres)
    }

    /// Of every tenant, with what it uses and wants now.
    private func entries() -> [Entry] {
        let (limits, known) = state.withLock { ($0.limits, $0.places) }
        let now = tk_now()
        return Set(limits.keys).union(known.keys).sorted().map { tenant in
            var claim = places(of: tenant).takeClaim()
            let wish = state.withLock { state in
                var wish = state.wishes[tenant].flatMap { $0.until > now ? $0 : nil }
                if claim.wanted > 0 {
                    let count = min(Self.mostWanted, max(claim.wanted, wish?.count ?? 0))
                    wish = (count, now + Self.memory.nanoseconds)
                }
                state.wishes[tenant] = wish
                return wish?.count ?? 0
            }
            claim.wanted = max(0, wish - max(0, claim.held - claim.used))
            return Entry(
                tenant: tenant, limit: limits[tenant] ?? 0, claim: claim, isExpecting: wish > 0)
        }
    }

    /// Lowers what this process holds to what it should.
    /// - Returns: What is to be written, if anything; and whether it has less than its share.
    private func claim(
        _ entry: Entry, _ fleet: inout OtherPlaces, _ wasAway: Bool, _ wasSettled: Bool
    ) -> (Entry?, isShort: Bool) {
        var entry = entry
        let others = fleet[entry.tenant]
        let places = places(of: entry.tenant)
        let share =
            fleet.isLeaving
            ? 0 : entry.claim.share(of: entry.limit, others: others, processes: fleet.processes)
        entry.target = entry.claim.used + share
        let isQuiet = !wasAway && entry.claim.wanted == 0 && others.wanted == 0
        // A little more or less is not worth a row.
        let isClose = abs(entry.claim.held - entry.target) <= share / 4
        let isWithin = entry.claim.held + others.held <= entry.limit
        if isQuiet, isWithin, isClose || entry.isExpecting {
            entry.target = entry.claim.held
        }
        let most = wasAway ? entry.claim.used : min(entry.claim.held, entry.target)
        if wasAway || most < entry.claim.held {
            (entry.claim.used, entry.claim.held) = places.lower(to: most)
        }
        places.hear(others: others.used)
        entry.target = max(entry.claim.held, min(entry.target, entry.limit - others.held))
        let isShort = entry.target - entry.claim.used < share / 2
        if isShort, !wasSettled { entry.claim.wanted = max(1, entry.claim.wanted) }
        let known = state.withLock { $0.written[entry.tenant] }
        let isNew = entry.claim != known ?? Claim()
        return (isNew || entry.target > entry.claim.held ? entry : nil, isShort)
    }

    /// Writes what this process holds, and raises it by what nobody else does.
    /// - Returns: Whether it has all that it asked for.
    private func write(
        _ entries: [Entry], _ postgres: Postgres, _ window: Interval
    ) throws(LedgerError) -> Bool {
        guard !entries.isEmpty else { return true }
        guard entries.contains(where: { $0.target > $0.claim.held }) else {
            note(try save(entries, postgres, window), entries)
            return true
        }
        let granted = try postgres.atomically { () throws(LedgerError) -> [String: Int] in
            // One at a time sees what all others hold. Who comes meanwhile comes again.
            let isAlone = try postgres.integer(
                "SELECT pg_try_advisory_xact_lock(\(PostgresSchema.Lock.places.rawValue))::int")
            if isAlone == 0 { shared.hasten() }
            let asked = entries.map { entry in
                var entry = entry
                if isAlone == 0 { entry.target = entry.claim.held }
                return entry
            }
            return try save(asked, postgres, window)
        }
        note(granted, entries)
        return entries.allSatisfy { granted[$0.tenant] == $0.target }
    }

    /// - Returns: What is held now, by tenant.
    private func save(
        _ entries: [Entry], _ postgres: Postgres, _ window: Interval
    ) throws(LedgerError) -> [String: Int] {
        var json = JSONOutput()
        json.array { list in
            for entry in entries {
                list.object { row in
                    row.own("tenant", entry.tenant)
                    row.integer("used", Int64(entry.claim.used))
                    row.integer("held", Int64(entry.claim.held))
                    row.integer("wanted", Int64(entry.claim.wanted))
                    row.integer("target", Int64(entry.target))
                    row.integer("most", Int64(entry.limit))
                }
            }
        }
        var held: [String: Int] = [:]
        try postgres.query(
            """
            INSERT INTO places (tenant, process, used, held, wanted)
                SELECT m.tenant, ?2, m.used, greatest(m.held, least(m.target, m.most - coalesce((
                    SELECT sum(greatest(p.held, p.used)) FROM places p
                        JOIN processes ON processes.id = p.process
                        WHERE p.tenant = m.tenant AND p.process != ?2
                            AND \(OtherPlaces.isThere("?3"))), 0)))::bigint, m.wanted
                FROM json_to_recordset(?1::json) AS m (tenant text, used bigint, held bigint,
                    wanted bigint, target bigint, most bigint)
                ON CONFLICT (tenant, process) DO UPDATE SET used = excluded.used,
                    held = excluded.held, wanted = excluded.wanted, changed = txid_current()
                RETURNING tenant, held
            """, [.bytes(json.bytes), .text(shared.process), .integer(window.milliseconds)]
        ) { held[$0.text(0)] = Int($0.integer(1)) }
        return held
    }

    /// PostgreSQL has agreed.
    private func note(_ granted: [String: Int], _ entries: [Entry]) {
        for entry in entries {
            var claim = entry.claim
            if let held = granted[entry.tenant], held > claim.held {
                places(of: entry.tenant).raise(to: held)
                claim.held = held
            }
            state.withLock { $0.written[entry.tenant] = claim }
        }
    }

    private func bury(_ postgres: Postgres) throws(LedgerError) {
        let dead = state.withLock { $0.dead }
        guard !dead.isEmpty else { return }
        for process in dead {
            try postgres.run("DELETE FROM processes WHERE id = ?", [.text(process)])
        }
        state.withLock { $0.dead = Array($0.dead.dropFirst(dead.count)) }
    }

    private func tidy(_ postgres: Postgres) throws(LedgerError) {
        guard tk_now() >= state.withLock({ $0.nextTidying }) else { return }
        try postgres.run("DELETE FROM places WHERE process NOT IN (SELECT id FROM processes)")
        state.withLock { $0.nextTidying = tk_now() + 60_000_000_000 }
    }
}

extension SharedPlaces.State {
    /// - Returns: How long ago others may have been heard of who are still there, and whether this
    ///   process was away so long that others may have what it held.
    fileprivate mutating func begin(at now: Int64) -> (window: Interval, wasAway: Bool) {
        let wasAway = lastRound == 0 || now - lastRound > SharedPlaces.silence.nanoseconds
        if wasAway {
            doubt()
            others = nil
        }
        if wasAway, lastRound > 0 { gap = (lastRound, now) }
        // PostgreSQL itself may have been away, and others still be on their way back.
        let isBack = gap.to > 0 && now - gap.to < SharedPlaces.absence.nanoseconds
        let since = isBack ? Interval(nanoseconds: now - gap.from) : .zero
        return (SharedPlaces.absence + since, wasAway)
    }

    /// All rows are to be written again.
    fileprivate mutating func doubt() {
        written = written.mapValues { _ in SharedPlaces.Claim(used: -1) }
    }
}

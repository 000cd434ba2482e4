public import Basics
import CLinux
import Sharing
import Synchronization
import Wire

/// Tenants' sessions over all nodes: what `PlaceRounds` decides, in PostgreSQL.
public final class SharedPlaces: Sendable {
    private struct State {
        var rounds = PlaceRounds()
        var limits: [String: Int] = [:]
        var places: [String: Places] = [:]
        var dead: [String] = []
    }
    private let state = Mutex(State())
    private let shared: SharedState

    public init(_ shared: SharedState) {
        self.shared = shared
        shared.everyRound { [weak self] (postgres) throws(LedgerError) in
            try self?.round(postgres)
        }
        shared.forgets("places", where: "process NOT IN (SELECT id FROM processes)")
    }

    /// One tenant's places in this process.
    public func places(of tenant: String) -> Places {
        state.withLock { state in
            if let known = state.places[tenant] { return known }
            let made = Places(isShared: true)
            state.places[tenant] = made
            return made
        }
    }

    /// - Parameter limits: By tenant, for all that can have sessions.
    public func adopt(_ limits: [String: Int]) { state.withLock { $0.limits = limits } }

    /// Earlier processes in place of this one. They have ended, and hold only the places that their
    /// conversations may return to.
    public func bury(_ processes: [String]) {
        state.withLock { $0.dead += processes.filter { $0 != shared.process } }
    }

    /// The number that accept sessions; a guess until they are known.
    public var processes: Int {
        let known = state.withLock { $0.rounds.processes }
        return known > 0 ? known : HeldPlaces.unheard
    }

    /// Waits until this process holds its share, because others have to lower theirs first. Waits
    /// no longer than this, and not if PostgreSQL does not answer.
    public func awaitShare(within patience: Interval) {
        let end = tk_now() + patience.nanoseconds
        while tk_now() < end, shared.outage == nil, !state.withLock({ $0.rounds.isSettled }) {
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
        let now = Instant(nanoseconds: tk_now())
        let window = state.withLock { $0.rounds.begin(at: now) }
        do {
            try bury(postgres)
            var others = state.withLock { $0.rounds.takeOthers() }
            try others.read(postgres, as: shared.process, window)
            try write(entries(&others, at: now), postgres, window)
            state.withLock { $0.rounds.end(others, begun: now) }
        } catch {
            state.withLock { $0.rounds.doubt() }
            throw error
        }
    }

    /// The rows to be written for each tenant.
    private func entries(_ others: inout OtherPlaces, at now: Instant) -> [PlaceRounds.Entry] {
        let (limits, known) = state.withLock { ($0.limits, $0.places) }
        return Set(limits.keys).union(known.keys).sorted().compactMap { tenant in
            places(of: tenant).change { places in
                state.withLock {
                    $0.rounds.ask(
                        tenant, limit: limits[tenant] ?? 0, &places, &others, at: now)
                }
            }
        }
    }

    /// Writes what this process holds, and raises it by what no other process holds.
    private func write(
        _ entries: [PlaceRounds.Entry], _ postgres: Postgres, _ window: Interval
    ) throws(LedgerError) {
        guard !entries.isEmpty else { return }
        let isAsking = entries.contains { $0.target > $0.claim.held }
        // In a transaction even if it only lowers: a single statement may be executed after the
        // next one, on another connection, and others would have what was granted since.
        let granted = try postgres.atomically { () throws(LedgerError) -> [String: Int] in
            guard isAsking else {
                return try Self.save(entries, by: shared.process, postgres, window)
            }
            // One process at a time sees what all others hold. A process that comes meanwhile tries
            // again.
            let isAlone = try postgres.integer(
                "SELECT pg_try_advisory_xact_lock(\(PostgresSchema.Lock.places.rawValue))::int")
            if isAlone == 0 { shared.hasten() }
            let asked = entries.map { entry in
                var entry = entry
                if isAlone == 0 { entry.target = entry.claim.held }
                return entry
            }
            return try Self.save(asked, by: shared.process, postgres, window)
        }
        note(granted, entries)
    }

    /// - Returns: The places held now, by tenant.
    static func save(
        _ entries: [PlaceRounds.Entry], by process: String, _ postgres: Postgres, _ window: Interval
    ) throws(LedgerError) -> [String: Int] {
        var json = JSONOutput()
        json.objects(nil, entries) { row, entry in
            row.own("tenant", entry.tenant)
            row.integer("used", Int64(entry.claim.used))
            row.integer("held", Int64(entry.claim.held))
            row.integer("wanted", Int64(entry.claim.wanted))
            row.integer("target", Int64(entry.target))
            row.integer("most", Int64(entry.limit))
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
            """, [.bytes(json.bytes), .text(process), .integer(window.milliseconds)]
        ) { held[$0.text(0)] = Int($0.integer(1)) }
        return held
    }

    /// PostgreSQL has agreed to these.
    private func note(_ granted: [String: Int], _ entries: [PlaceRounds.Entry]) {
        for entry in entries {
            places(of: entry.tenant).change { places in
                state.withLock {
                    $0.rounds.note(entry, granted: granted[entry.tenant], &places)
                }
            }
        }
    }

    private func bury(_ postgres: Postgres) throws(LedgerError) {
        let dead = state.withLock { $0.dead }
        guard !dead.isEmpty else { return }
        for process in dead { try Self.bury(process, postgres) }
        state.withLock { $0.dead = Array($0.dead.dropFirst(dead.count)) }
    }

    static func bury(_ process: String, _ postgres: Postgres) throws(LedgerError) {
        try postgres.run(
            """
            UPDATE places SET held = used, wanted = 0, changed = txid_current()
                WHERE process = ?
            """, [.text(process)])
        try postgres.run(
            "UPDATE processes SET is_draining = 1 WHERE id = ?", [.text(process)])
    }
}

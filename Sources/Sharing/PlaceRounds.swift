public import Basics

/// What a process reports in each round about the places that it holds.
///
/// No two processes hold the same place, so each gives out its own without asking the others. In
/// each round, unused places are divided anew: equally, with more for a process that had to refuse
/// clients. A process lowers what it holds before it reports that, and raises it only after the
/// database has agreed. A process that is cut off keeps what it holds; after `absence`, others may
/// have it.
public struct PlaceRounds: Sendable {
    /// A process that has not been heard from for this long holds nothing.
    public static let absence = Interval.seconds(15)
    /// A process without a round for this long gives up what it does not use, because others may
    /// have it by now. The rest of `absence` is for one round, whose parts may take two seconds
    /// each.
    private static let silence = Interval.seconds(5)
    /// How long a refusal counts: a refused client comes back after a second, and should find a
    /// place.
    private static let memory = Interval.seconds(4)
    /// Further refusals in a round do not count.
    private static let mostWanted = 1000

    /// A tenant's row of this process, to be written.
    public struct Entry: Equatable, Sendable {
        public var tenant: String
        public var limit: Int
        public var claim: PlaceClaim
        /// How many it may hold if no other process holds them.
        public var target: Int

        public init(tenant: String, limit: Int, claim: PlaceClaim, target: Int) {
            self.tenant = tenant
            self.limit = limit
            self.claim = claim
            self.target = target
        }
    }

    /// The number that accept sessions; 0 until it is known.
    public private(set) var processes = 0
    /// This process has received its share since it started, or came back.
    public private(set) var isSettled = false
    /// The rows as last written; nil if it is unknown whether one was.
    private var written: [String: PlaceClaim?] = [:]
    private var wishes: [String: (count: Int, until: Instant)] = [:]
    /// nil: all rows must be read again.
    private var others: OtherPlaces?
    private var lastRound: Instant?
    /// The last period without rounds.
    private var gap: (from: Instant, to: Instant)?

    // The current round.
    private var wasAway = false
    private var wasSettled = false
    private var hasShare = true

    public init() {}

    /// Begins a round.
    /// - Returns: How long ago another process may have been heard from and still count as present.
    public mutating func begin(at now: Instant) -> Interval {
        wasAway = lastRound.map { now - $0 > Self.silence } ?? true
        wasSettled = isSettled && !wasAway
        hasShare = true
        if wasAway {
            doubt()
            others = nil
            if let lastRound { gap = (lastRound, now) }
        }
        // The database itself may have been away, and other processes may not be back yet.
        guard let gap, now - gap.to < Self.absence else { return Self.absence }
        return Self.absence + (now - gap.from)
    }

    /// Passes what is known of others to the round. If the round fails, all rows are read again.
    public mutating func takeOthers() -> OtherPlaces { others.take() ?? OtherPlaces() }

    /// Lowers the places that this process holds for a tenant to its share.
    /// - Returns: The row to be written, if any.
    public mutating func ask(
        _ tenant: String, limit: Int, _ places: inout HeldPlaces, _ fleet: inout OtherPlaces,
        at now: Instant
    ) -> Entry? {
        var claim = places.takeClaim(at: now)
        let isExpecting = wish(for: &claim, of: tenant, at: now)
        let others = fleet[tenant]
        let share =
            fleet.isLeaving
            ? 0 : claim.share(of: limit, others: others, processes: fleet.processes)
        var target = claim.used + share
        let isQuiet = !wasAway && claim.wanted == 0 && others.wanted == 0
        // A little more or less is not worth a row.
        let isClose = abs(claim.held - target) <= share / 4
        let isWithin = claim.held + others.held <= limit
        if isQuiet, isWithin, isClose || isExpecting { target = claim.held }
        let most = wasAway ? claim.used : min(claim.held, target)
        if wasAway || most < claim.held {
            let lowered = places.lower(to: most)
            (claim.used, claim.held) = (lowered.used, lowered.held)
        }
        places.hear(others: others.used)
        target = max(claim.held, min(target, limit - others.held))
        let isShort = target - claim.used < share / 2
        if isShort {
            hasShare = false
            if !wasSettled { claim.wanted = max(1, claim.wanted) }
        }
        let isNew = claim != written[tenant, default: PlaceClaim()]
        guard isNew || target > claim.held else { return nil }
        return Entry(tenant: tenant, limit: limit, claim: claim, target: target)
    }

    /// - Returns: Whether recently refused clients may still come back.
    private mutating func wish(
        for claim: inout PlaceClaim, of tenant: String, at now: Instant
    ) -> Bool {
        var wish = wishes[tenant].flatMap { $0.until > now ? $0 : nil }
        if claim.wanted > 0 {
            let count = min(Self.mostWanted, max(claim.wanted, wish?.count ?? 0))
            wish = (count, now + Self.memory)
        }
        wishes[tenant] = wish
        let count = wish?.count ?? 0
        claim.wanted = max(0, count - max(0, claim.held - claim.used))
        return count > 0
    }

    /// The database has written the entry, and holds this many places for it now.
    public mutating func note(
        _ entry: Entry, granted: Int?, _ places: inout HeldPlaces
    ) {
        var claim = entry.claim
        if let granted, granted > claim.held {
            places.raise(to: granted)
            claim.held = granted
        }
        written[entry.tenant] = claim
        if entry.target > entry.claim.held, granted != entry.target { hasShare = false }
    }

    /// Ends the round that began at `begun`.
    public mutating func end(_ fleet: OtherPlaces, begun: Instant) {
        processes = max(1, fleet.processes)
        others = fleet
        isSettled = wasSettled || hasShare
        lastRound = begun
    }

    /// All rows must be written again, because it is unknown whether they were.
    public mutating func doubt() {
        for tenant in written.keys { written[tenant] = .some(nil) }
    }
}

public import Basics

/// What a process says in each round of the places that it holds.
///
/// No two processes hold the same one, so each gives one of its own without asking anybody. In each
/// round what nobody uses is shared out anew: to each process the same, and more to one that had to
/// refuse. A process lowers what it holds before it says so, and raises it only after the database
/// has agreed. One that is cut off keeps what it holds; after `absence` others may have it.
public struct PlaceRounds: Sendable {
    /// A process that has not been heard of for so long holds nothing.
    public static let absence = Interval.seconds(15)
    /// A process that had no round for so long gives up what it does not use, because others may have
    /// it by now. The rest of `absence` is for a round, whose parts may take two seconds each.
    private static let silence = Interval.seconds(5)
    /// Whoever was refused comes back after a second, and finds a place.
    private static let memory = Interval.seconds(4)
    /// More refusals in a round weigh no more.
    private static let mostWanted = 1000

    /// A tenant's row of this process, to be written.
    public struct Entry: Equatable, Sendable {
        public var tenant: String
        public var limit: Int
        public var claim: PlaceClaim
        /// What it may hold if nobody else does.
        public var target: Int

        public init(tenant: String, limit: Int, claim: PlaceClaim, target: Int) {
            self.tenant = tenant
            self.limit = limit
            self.claim = claim
            self.target = target
        }
    }

    /// How many take sessions; 0 before they are known.
    public private(set) var processes = 0
    /// It has had its share since it began, or was away.
    public private(set) var isSettled = false
    /// As written last; nil: what became of it is not known.
    private var written: [String: PlaceClaim?] = [:]
    private var wishes: [String: (count: Int, until: Instant)] = [:]
    /// nil: all is to be read again.
    private var others: OtherPlaces?
    private var lastRound: Instant?
    /// The last time without rounds: its beginning and its end.
    private var gap: (from: Instant, to: Instant)?

    // Of the round that is under way.
    private var wasAway = false
    private var wasSettled = false
    private var hasShare = true

    public init() {}

    /// A round begins.
    /// - Returns: How long ago others may have been heard of who are still there.
    public mutating func begin(at now: Instant) -> Interval {
        wasAway = lastRound.map { now - $0 > Self.silence } ?? true
        wasSettled = isSettled && !wasAway
        hasShare = true
        if wasAway {
            doubt()
            others = nil
            if let lastRound { gap = (lastRound, now) }
        }
        // The database itself may have been away, and others still be on their way back.
        guard let gap, now - gap.to < Self.absence else { return Self.absence }
        return Self.absence + (now - gap.from)
    }

    /// What is known of others goes with the round: if that fails, all is read again.
    public mutating func takeOthers() -> OtherPlaces { others.take() ?? OtherPlaces() }

    /// Lowers what this process holds of a tenant's places to what it should.
    /// - Returns: What is to be written, if anything.
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

    /// - Returns: Whether some of those that were refused lately may come again.
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

    /// The database has written it, and says how many it holds now.
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

    /// The round that began then is over.
    public mutating func end(_ fleet: OtherPlaces, begun: Instant) {
        processes = max(1, fleet.processes)
        others = fleet
        isSettled = wasSettled || hasShare
        lastRound = begun
    }

    /// All rows are to be written again: what became of them is not known.
    public mutating func doubt() {
        for tenant in written.keys { written[tenant] = .some(nil) }
    }
}

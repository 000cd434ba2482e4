public import Basics
public import Sharing

/// The tables `processes` and `places` as a value, with the statements of `SharedPlaces` as its
/// operations. A test of the ledger plays the same operations on both.
public struct PlaceTable: Sendable {
    private struct Key: Hashable {
        var tenant: String
        var process: String
    }

    private struct Place {
        var claim: PlaceClaim
        /// The transaction that wrote it.
        var changed: Int64
    }

    private var processes: [String: (seen: Instant, isDraining: Bool)] = [:]
    private var places: [Key: Place] = [:]
    /// Transactions are one after another here: all before it are over.
    public private(set) var horizon: Int64 = 1
    /// A canary: what others hold is not looked at.
    public var isGenerous = false

    public init() {}

    public mutating func present(_ process: String, isDraining: Bool, at now: Instant) {
        processes[process] = (now, isDraining)
    }

    /// The process is over: what it used is kept until it counts as dead.
    public mutating func bury(_ process: String) {
        for (key, place) in places where key.process == process {
            let claim = PlaceClaim(used: place.claim.used, held: place.claim.used)
            places[key] = Place(claim: claim, changed: horizon)
        }
        processes[process]?.isDraining = true
        horizon += 1
    }

    public mutating func leave(_ process: String) {
        processes[process] = nil
        for key in places.keys where key.process == process { places[key] = nil }
    }

    /// Those that were heard of lately, in order of their names.
    public func present(
        within window: Interval, at now: Instant
    ) -> [(process: String, isDraining: Bool)] {
        processes.filter { now - $0.value.seen < window }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.isDraining) }
    }

    /// Whether it was heard of lately.
    public func isThere(_ process: String, within window: Interval, at now: Instant) -> Bool {
        processes[process].map { now - $0.seen < window } ?? false
    }

    /// Rows of others that transactions from this one on have written.
    public func changes(since horizon: Int64, except process: String) -> [OtherPlaces.Row] {
        places.filter { $0.value.changed >= horizon && $0.key.process != process }
            .map { key, place in
                OtherPlaces.Row(tenant: key.tenant, process: key.process, claim: place.claim)
            }
            .sorted { ($0.tenant, $0.process) < ($1.tenant, $1.process) }
    }

    /// - Returns: What is held now, by tenant.
    public mutating func save(
        _ entries: [PlaceRounds.Entry], by process: String, within window: Interval,
        at now: Instant
    ) -> [String: Int] {
        var held: [String: Int] = [:]
        for entry in entries {
            var others = 0
            for (key, place) in places
            where key.tenant == entry.tenant && key.process != process && !isGenerous {
                guard let seen = processes[key.process]?.seen, now - seen < window else { continue }
                others += max(place.claim.held, place.claim.used)
            }
            var claim = entry.claim
            claim.held = max(claim.held, min(entry.target, entry.limit - others))
            places[Key(tenant: entry.tenant, process: process)] = Place(
                claim: claim, changed: horizon)
            held[entry.tenant] = claim.held
        }
        horizon += 1
        return held
    }

    public mutating func tidy() {
        places = places.filter { processes[$0.key.process] != nil }
    }
}

import Synchronization

/// One tenant's sessions in this process, and how many it may have. Used when a session begins and
/// ends; never for a message.
public final class Places: Sendable {
    /// As many nodes one believes in that has never heard of any.
    public static let unheard = 10

    private let used = Atomic(0)
    /// How many it may fill, whatever the limit says; negative: PostgreSQL has not said yet.
    private let held: Atomic<Int>
    /// What others had, when they were last heard of.
    private let others = Atomic(0)
    private let refused = Atomic(0)

    /// - Parameter isShared: With other nodes.
    public init(isShared: Bool = false) { held = Atomic(isShared ? -1 : .max) }

    public var count: Int { used.load(ordering: .relaxed) }

    /// Takes one; false if there is none left.
    public func take(limit: Int) -> Bool {
        // This store comes before that look, and in `lower` likewise: one of both sees the other.
        let count = used.add(1, ordering: .sequentiallyConsistent).newValue
        guard count > room(limit) else { return true }
        leave()
        refuse()
        return false
    }

    public func leave() { used.subtract(1, ordering: .sequentiallyConsistent) }

    /// Whether there is one; it may be gone by the time it is taken.
    public func isFree(limit: Int) -> Bool {
        guard count >= room(limit) else { return true }
        refuse()
        return false
    }

    /// Whether it is only this process that has none left.
    public func isFreeElsewhere(limit: Int) -> Bool {
        held.load(ordering: .relaxed) < limit
            && count + others.load(ordering: .relaxed) < limit
    }

    private func room(_ limit: Int) -> Int {
        let held = held.load(ordering: .sequentiallyConsistent)
        return held < 0 ? max(1, limit / Self.unheard) : min(limit, held)
    }

    private func refuse() { refused.add(1, ordering: .relaxed) }

    // MARK: For rounds

    /// Whether it uses them or not.
    var holding: Int { max(0, held.load(ordering: .relaxed)) }

    /// What it has, and how often it had nothing left since the last call.
    func takeClaim() -> SharedPlaces.Claim {
        SharedPlaces.Claim(
            used: count, held: holding, wanted: refused.exchange(0, ordering: .relaxed))
    }

    /// From now on it holds at most so many, or as many as it uses.
    /// - Returns: Its use, and what it holds.
    func lower(to most: Int) -> (used: Int, held: Int) {
        held.store(most, ordering: .sequentiallyConsistent)
        let used = used.load(ordering: .sequentiallyConsistent)
        return (used, max(used, most))
    }

    func raise(to most: Int) { held.store(most, ordering: .sequentiallyConsistent) }

    func hear(others count: Int) { others.store(count, ordering: .relaxed) }
}

public import Basics

/// A tenant's places in one process, or in several.
public struct PlaceClaim: Equatable, Sendable {
    public var used: Int
    /// At least as many as are used.
    public var held: Int
    /// How many more were asked for lately.
    public var wanted: Int

    public init(used: Int = 0, held: Int = 0, wanted: Int = 0) {
        self.used = used
        self.held = held
        self.wanted = wanted
    }

    /// How many of a limit it should hold beside those that it uses.
    public func share(of limit: Int, others: PlaceClaim, processes: Int) -> Int {
        let free = max(0, limit - used - others.used)
        let all = max(1, processes) + wanted + others.wanted
        // The last ones, which cannot be divided, are for whoever wants them.
        if wanted > 0 { return (free * (1 + wanted) + all - 1) / all }
        return others.wanted > 0 ? free / all : min(free, max(1, free / all))
    }
}

/// One tenant's sessions in this process, and how many it may have.
public struct HeldPlaces: Sendable {
    /// As many nodes one believes in that has never heard of any.
    public static let unheard = 10

    /// Places of sessions, and of those that have just gone elsewhere.
    public private(set) var used = 0
    /// How many it may fill, whatever the limit says; nil: the database has not said yet.
    private var held: Int?
    /// What others had, when they were last heard of.
    private var others = 0
    private var refused = 0
    /// Until when the places of sessions whose conversations go on elsewhere are not given away.
    private var moving: [Instant] = []

    /// As long a place is kept for a conversation that goes over to another node, which by then has
    /// said that it is used there.
    public static let move = Interval.seconds(4)

    /// - Parameter isShared: With other nodes.
    public init(isShared: Bool) { held = isShared ? nil : .max }

    /// Takes one for a session; false if there is none left.
    ///
    /// - Parameter hasOne: Its conversation has a place already, here or on another node. There may be
    ///   none left here: conversations keep theirs, and newcomers wait until there are fewer.
    public mutating func take(limit: Int, ofConversation hasOne: Bool = false) -> Bool {
        guard hasOne || isFree(limit: limit) else { return false }
        used += 1
        return true
    }

    /// The session is over.
    ///
    /// - Parameter isMoving: Its conversation goes on elsewhere, and takes its place along.
    public mutating func leave(isMoving: Bool = false, at now: Instant) {
        if isMoving { moving.append(now + Self.move) } else { used -= 1 }
    }

    /// Sessions that are there.
    public var sessions: Int { used - moving.count }

    /// Whether there is one. If not, somebody wants one: the next round asks for more.
    public mutating func isFree(limit: Int) -> Bool {
        if hasFree(limit: limit) { return true }
        refused += 1
        return false
    }

    /// Whether there is one, for somebody who has been counted as wanting it.
    public func hasFree(limit: Int) -> Bool {
        used < held.map { min(limit, $0) } ?? max(1, limit / Self.unheard)
    }

    /// Whether it may be only this process that has none left.
    ///
    /// - Parameter isCutOff: What others have may have changed since they were last heard of.
    public func isFreeElsewhere(limit: Int, isCutOff: Bool) -> Bool {
        held ?? -1 < limit && used + (isCutOff ? 0 : others) < limit
    }

    // MARK: For rounds

    /// Whether it uses them or not.
    public var holding: Int { held ?? 0 }

    /// What it has, and how often it had nothing left since the last call.
    mutating func takeClaim(at now: Instant) -> PlaceClaim {
        defer { refused = 0 }
        let moved = moving.prefix { $0 <= now }.count
        moving.removeFirst(moved)
        used -= moved
        return PlaceClaim(used: used, held: holding, wanted: refused)
    }

    /// From now on it holds at most so many, or as many as it uses.
    mutating func lower(to most: Int) -> PlaceClaim {
        held = most
        return PlaceClaim(used: used, held: max(used, most))
    }

    mutating func raise(to most: Int) { held = most }

    mutating func hear(others count: Int) { others = count }
}

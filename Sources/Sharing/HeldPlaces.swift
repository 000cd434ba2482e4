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

    /// How many places of a limit a process should hold in addition to those that it uses.
    public func share(of limit: Int, others: PlaceClaim, processes: Int) -> Int {
        let free = max(0, limit - used - others.used)
        let all = max(1, processes) + wanted + others.wanted
        // What cannot be divided goes to processes that want more.
        if wanted > 0 { return (free * (1 + wanted) + all - 1) / all }
        return others.wanted > 0 ? free / all : min(free, max(1, free / all))
    }
}

/// One tenant's sessions in this process, and how many it may have.
public struct HeldPlaces: Sendable {
    /// The number of nodes that a node assumes before it has heard from any.
    public static let unheard = 10

    /// Places of sessions, including sessions whose conversations have just moved elsewhere.
    public private(set) var used = 0
    /// How many places may be filled, whatever the limit says; nil until the database has answered.
    private var held: Int?
    /// How many others used when they were last heard from.
    private var others = 0
    private var refused = 0
    /// Until when to keep the places of sessions whose conversations continue elsewhere.
    private var moving: [Instant] = []

    /// How long to keep the place of a conversation that moves to another node. By then that node
    /// has reported it as used there.
    public static let move = Interval.seconds(4)

    /// - Parameter isShared: With other nodes.
    public init(isShared: Bool) { held = isShared ? nil : .max }

    /// Takes a place for a session; false if there is none left.
    ///
    /// - Parameter hasOne: Its conversation already has a place, here or on another node, and gets
    ///   one here even if none is left: conversations keep theirs, and newcomers wait until there
    ///   are fewer.
    public mutating func take(limit: Int, ofConversation hasOne: Bool = false) -> Bool {
        guard hasOne || isFree(limit: limit) else { return false }
        used += 1
        return true
    }

    /// The session is over.
    ///
    /// - Parameter isMoving: Its conversation continues elsewhere, and takes its place along.
    public mutating func leave(isMoving: Bool = false, at now: Instant) {
        if isMoving { moving.append(now + Self.move) } else { used -= 1 }
    }

    /// The number of sessions here.
    public var sessions: Int { used - moving.count }

    /// Whether a place is free. If not, the next round asks for more.
    public mutating func isFree(limit: Int) -> Bool {
        if hasFree(limit: limit) { return true }
        refused += 1
        return false
    }

    /// Whether a place is free, for a client that was already counted as wanting one.
    public func hasFree(limit: Int) -> Bool {
        used < held.map { min(limit, $0) } ?? max(1, limit / Self.unheard)
    }

    /// Whether another process may still have a free place.
    ///
    /// - Parameter isCutOff: What is known of others may be out of date.
    public func isFreeElsewhere(limit: Int, isCutOff: Bool) -> Bool {
        held ?? -1 < limit && used + (isCutOff ? 0 : others) < limit
    }

    // MARK: For rounds

    /// The places held, used or not.
    public var holding: Int { held ?? 0 }

    /// The places used and held, and how often none was free since the last call.
    mutating func takeClaim(at now: Instant) -> PlaceClaim {
        defer { refused = 0 }
        let moved = moving.prefix { $0 <= now }.count
        moving.removeFirst(moved)
        used -= moved
        return PlaceClaim(used: used, held: holding, wanted: refused)
    }

    /// Holds at most this many from now on, or as many as are used.
    mutating func lower(to most: Int) -> PlaceClaim {
        held = most
        return PlaceClaim(used: used, held: max(used, most))
    }

    mutating func raise(to most: Int) { held = most }

    mutating func hear(others count: Int) { others = count }
}

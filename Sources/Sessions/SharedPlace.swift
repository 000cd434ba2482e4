public import Wire

/// A session's conversation among those that other nodes may continue.
public struct SharedPlace: Sendable {
    /// The digest of the client's handle.
    public let digest: String
    /// The generation in which this node drives it: no other does, except in a higher one.
    public private(set) var generation: Int64
    /// The newest generation in which another node is known to continue it.
    private var heard: Int64 = 0
    /// The session's own claims that are not answered yet.
    private var claims = 0
    /// The session keeps it for others, until its end.
    private var isOffered = false
    /// The client is told to return elsewhere, once everything is written.
    public private(set) var farewell: Close?
    /// The client has been told, or goes by itself: at the session's end the conversation takes its
    /// place in the tenant's limit along.
    public private(set) var goesElsewhere = false

    public init(digest: String, generation: Int64) {
        self.digest = digest
        self.generation = generation
    }

    /// The client can return to it from now on: to a new conversation, or to the one that the
    /// session continues.
    public static func offered(_ digest: String, after place: SharedPlace?) -> SharedPlace {
        var offered =
            place.flatMap { $0.digest == digest ? $0 : nil }
            ?? SharedPlace(digest: digest, generation: 1)
        offered.isOffered = true
        return offered
    }

    /// Whether another node continues it, in this generation or an earlier known one: then the
    /// session must not. While `isClaiming`, the answer to its own claim may show that its claim is
    /// the newer one.
    public mutating func isSuperseded(by other: Int64) -> Bool {
        heard = max(heard, other)
        return generation < heard
    }

    /// Whether one of the session's own claims is on its way.
    public var isClaiming: Bool { claims > 0 }

    /// The client has returned to this node, and the session claims what it drives: a node that the
    /// client asked before must not go on.
    public mutating func claim() { claims += 1 }

    /// - Parameter generation: Nil if the claim was not granted.
    /// - Returns: Whether another node continues it.
    public mutating func claimed(in generation: Int64?) -> Bool {
        claims -= 1
        self.generation = max(self.generation, generation ?? 0)
        return isSuperseded(by: heard)
    }

    /// Whether the client's close must wait: a client that is sent away asks another node at once.
    public mutating func holds(_ close: Close) -> Bool {
        guard close.code == 1001, isOffered else { return false }
        farewell = close
        goesElsewhere = true
        return true
    }

    /// Another node continues it.
    public mutating func moveAway() { goesElsewhere = true }

    public mutating func takeFarewell() -> Close? { farewell.take() }
}

/// What a live session has offered to its client.
public struct LiveOffer: Equatable, Sendable {
    /// The fingerprint of its setup.
    public var fingerprint: UInt64
    /// It waits for its client.
    public var parks: Bool
    /// The generation in which this node drives the conversation.
    public var generation: Int64

    public init(fingerprint: UInt64, parks: Bool, generation: Int64) {
        self.fingerprint = fingerprint
        self.parks = parks
        self.generation = generation
    }

    /// What happens to the session when its client returns to this node.
    public enum Meeting: Equatable, Sendable {
        /// The client has been elsewhere since; this node is cut off, and has not heard of it.
        case isBehind
        /// It continues with the client's new connection.
        case takesClient
        /// It cannot take the client as it is, but it leaves its memory.
        case leavesMemory
    }

    public func meets(_ claim: Claim, _ fingerprint: UInt64) -> Meeting {
        if case .handle(_, let seen) = claim, generation < seen { return .isBehind }
        return parks && self.fingerprint == fingerprint ? .takesClient : .leavesMemory
    }
}

public import Wire

/// A session's conversation among those that other nodes may go on with.
public struct SharedPlace: Sendable {
    /// Of the client's handle.
    public let digest: String
    /// In which this node drives it: nobody else does, unless in a higher one.
    public private(set) var generation: Int64
    /// The newest that others were heard to go on in.
    private var heard: Int64 = 0
    /// Claims of the session's own whose answers have not come.
    private var claims = 0
    /// The session keeps it for others, until its end.
    private var isOffered = false
    /// The client is told to come back elsewhere, once all is written.
    public private(set) var farewell: Close?
    /// It is told so, or does: at the session's end the conversation takes along its place among the
    /// tenant's.
    public private(set) var goesElsewhere = false

    public init(digest: String, generation: Int64) {
        self.digest = digest
        self.generation = generation
    }

    /// The client can come back to it from now on: to a new conversation, or to the one that the
    /// session goes on with.
    public static func offered(_ digest: String, after place: SharedPlace?) -> SharedPlace {
        var offered =
            place.flatMap { $0.digest == digest ? $0 : nil }
            ?? SharedPlace(digest: digest, generation: 1)
        offered.isOffered = true
        return offered
    }

    /// Whether another goes on with it, in this generation or one heard before: then the session must
    /// not. While `isClaiming`, the answer to its own claim may be that it is the newer one.
    public mutating func isSuperseded(by other: Int64) -> Bool {
        heard = max(heard, other)
        return generation < heard
    }

    /// Whether a claim of the session's own is on its way.
    public var isClaiming: Bool { claims > 0 }

    /// The client has come back to this node, and the session lays claim to what it drives: whom the
    /// client asked before must not go on.
    public mutating func claim() { claims += 1 }

    /// - Parameter generation: Nil if the claim was not granted.
    /// - Returns: Whether another goes on with it.
    public mutating func claimed(in generation: Int64?) -> Bool {
        claims -= 1
        self.generation = max(self.generation, generation ?? 0)
        return isSuperseded(by: heard)
    }

    /// Whether the client's close has to wait: sent away, it asks another node at once.
    public mutating func holds(_ close: Close) -> Bool {
        guard close.code == 1001, isOffered else { return false }
        farewell = close
        goesElsewhere = true
        return true
    }

    /// Another node goes on with it.
    public mutating func moveAway() { goesElsewhere = true }

    public mutating func takeFarewell() -> Close? { farewell.take() }
}

/// What a session that is alive has offered to its client.
public struct LiveOffer: Equatable, Sendable {
    /// Of its setup.
    public var fingerprint: UInt64
    /// It waits for its client.
    public var parks: Bool
    /// In which this node drives the conversation.
    public var generation: Int64

    public init(fingerprint: UInt64, parks: Bool, generation: Int64) {
        self.fingerprint = fingerprint
        self.parks = parks
        self.generation = generation
    }

    /// What becomes of the session when its client comes back on this node.
    public enum Meeting: Equatable, Sendable {
        /// The client has been elsewhere since; this node is cut off, and has not heard of it.
        case isBehind
        /// It goes on with the client's new connection.
        case takesClient
        /// It cannot take the client as it is, but it leaves its memory.
        case leavesMemory
    }

    public func meets(_ claim: Claim, _ fingerprint: UInt64) -> Meeting {
        if case .handle(_, let seen) = claim, generation < seen { return .isBehind }
        return parks && self.fingerprint == fingerprint ? .takesClient : .leavesMemory
    }
}

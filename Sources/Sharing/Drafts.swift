public import Basics

/// A conversation's state at the end of its last finished turn, for other nodes.
public struct Draft: Equatable, Sendable {
    /// SHA-256 of the client's handle, in hexadecimal.
    public var digest: String
    public var generation: Int64
    public var session: String
    public var tenant: String
    /// Its session has ended.
    public var isOver: Bool
    /// The session's place waits for the session that continues the conversation.
    public var leavesPlace: Bool
    public var bytes: [UInt8]
    /// Since when others have had an outdated state: this draft, or one that it replaces, is
    /// waiting.
    public var since: Instant

    public init(
        digest: String, generation: Int64, session: String, tenant: String, isOver: Bool,
        leavesPlace: Bool, bytes: [UInt8], since: Instant
    ) {
        self.digest = digest
        self.generation = generation
        self.session = session
        self.tenant = tenant
        self.isOver = isOver
        self.leavesPlace = leavesPlace
        self.bytes = bytes
        self.since = since
    }

    fileprivate var weight: Int { bytes.count + 512 }
}

/// Drafts that wait to be written: only the newest of each conversation.
public struct Drafts: Sendable {
    private struct Waiting {
        var draft: Draft
        var ticket: Int
    }

    /// In bytes.
    private let room: Int
    private var waiting: [String: Waiting] = [:]
    /// Oldest first. A replaced draft keeps its position; a removed one leaves a gap.
    private var order: [(ticket: Int, digest: String)] = []
    private var first = 0
    private var tickets = 0
    private var weight = 0
    /// Drafts dropped for lack of room.
    public private(set) var lost = 0

    /// - Parameter room: In bytes.
    public init(room: Int) { self.room = room }

    public var count: Int { waiting.count }

    /// Since when the oldest waits.
    public var since: Instant? {
        order[first...].lazy.compactMap { ticket, digest in
            self.waiting[digest].flatMap { $0.ticket == ticket ? $0.draft.since : nil }
        }.first
    }

    /// Adds a draft, or replaces an older one. If there is no room, the older one stays, which is
    /// as good as before.
    public mutating func add(_ draft: Draft) {
        let old = waiting[draft.digest]
        if let old, old.draft.generation > draft.generation { return }
        let weight = self.weight + draft.weight - (old?.draft.weight ?? 0)
        guard weight <= room else {
            lost += 1
            return
        }
        self.weight = weight
        if old == nil {
            tickets += 1
            order.append((tickets, draft.digest))
        }
        var new = Waiting(draft: draft, ticket: old?.ticket ?? tickets)
        if let old { new.draft.since = min(old.draft.since, draft.since) }
        waiting[draft.digest] = new
    }

    public mutating func remove(_ digest: String) -> Draft? {
        guard let found = waiting.removeValue(forKey: digest) else { return nil }
        weight -= found.draft.weight
        return found.draft
    }

    /// Removes the oldest drafts, up to this weight, but at least one if there is any.
    public mutating func dequeue(_ most: Int) -> [Draft] {
        var taken: [Draft] = []
        var sum = 0
        while first < order.count {
            let (ticket, digest) = order[first]
            if let next = waiting[digest], next.ticket == ticket {
                if sum + next.draft.weight > most, !taken.isEmpty { break }
                sum += next.draft.weight
                taken.append(next.draft)
                _ = remove(digest)
            }
            first += 1
        }
        if first > 1000, first > order.count / 2 {
            order.removeFirst(first)
            first = 0
        }
        return taken
    }

    /// Puts drafts back that were not written, as far as is known. They, or what has replaced them
    /// meanwhile, go before all others.
    public mutating func putBack(_ drafts: [Draft]) {
        let last = order.count
        for draft in drafts {
            var newest = remove(draft.digest) ?? draft
            newest.since = min(newest.since, draft.since)
            add(newest)
        }
        let again = order[last...]
        order.removeSubrange(last...)
        order.insert(contentsOf: again, at: first)
    }

    /// Counts drafts that will never be written.
    public mutating func lose(_ count: Int) { lost += count }

    /// The database's answer to drafts, by their digests.
    public struct Outcome: Equatable, Sendable {
        /// Other processes have continued these conversations.
        public var superseded: Set<String>
        /// The ones among them that came too late to be written.
        public var refused: Set<String>

        public init(superseded: Set<String> = [], refused: Set<String> = []) {
            self.superseded = superseded
            self.refused = refused
        }

        /// With the lowest generation that they can have there.
        public func superseded(of drafts: [Draft]) -> [Superseded] {
            drafts.filter { superseded.contains($0.digest) }
                .map { Superseded(digest: $0.digest, generation: $0.generation + 1) }
        }
    }
}

/// A conversation that another process continues, in this generation or a later one.
public struct Superseded: Equatable, Sendable {
    public var digest: String
    public var generation: Int64

    public init(digest: String, generation: Int64) {
        self.digest = digest
        self.generation = generation
    }
}

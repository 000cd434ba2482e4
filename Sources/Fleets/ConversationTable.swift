public import Basics
public import Sharing

/// The tables `conversations` and `superseded` as a value, with the statements of `KeptConversation`
/// as its operations. A test of the ledger plays the same operations on both.
public struct ConversationTable: Sendable {
    public struct Row: Equatable, Sendable {
        public var digest: String
        public var generation: Int64
        public var session: String
        public var tenant: String
        public var isOver: Bool
        public var leavesPlace: Bool
        public var key: String
        public var text: String

        public init(
            digest: String, generation: Int64, session: String, tenant: String, isOver: Bool,
            leavesPlace: Bool, key: String, text: String
        ) {
            self.digest = digest
            self.generation = generation
            self.session = session
            self.tenant = tenant
            self.isOver = isOver
            self.leavesPlace = leavesPlace
            self.key = key
            self.text = text
        }
    }

    public enum Claimed: Equatable, Sendable {
        case claimed(generation: Int64, isDriven: Bool)
        /// The client has asked another since.
        case superseded
        case foreign
        case sealed(key: String)
        case unknown
    }

    private struct Kept {
        var row: Row
        /// The generation of whoever drives it.
        var driven: Int64
        var process: String
        var written: Instant
        /// Whoever has the newest claim, by the client.
        var asked: Instant?
    }

    private static let lifetime = Interval.seconds(7200)

    private var kept: [String: Kept] = [:]
    /// By process and digest.
    private var superseded: [String: [String: (generation: Int64, at: Instant)]] = [:]
    /// A canary: rows are written whatever their generation.
    public var isUnfenced = false
    /// A canary: claims are granted in the order in which they come.
    public var isTimeless = false
    /// A canary: a claim ends it for whoever drives it.
    public var isHasty = false

    public init() {}

    public func generation(of digest: String) -> Int64? { kept[digest]?.row.generation }

    public mutating func keep(
        _ rows: [Row], by process: String, at now: Instant
    ) -> Drafts.Outcome {
        var outcome = Drafts.Outcome()
        for row in rows {
            guard let old = kept[row.digest] else {
                kept[row.digest] = Kept(
                    row: row, driven: row.generation, process: process, written: now)
                continue
            }
            let isOwn = old.process == process && old.row.session == row.session
            let isTaken =
                old.driven > row.generation && !isOwn
                || old.row.generation > row.generation && (isHasty || old.process != process)
            if !isUnfenced, isTaken || old.row.tenant != row.tenant {
                outcome.superseded.insert(row.digest)
                outcome.refused.insert(row.digest)
                continue
            }
            if old.row.generation > row.generation { outcome.superseded.insert(row.digest) }
            var new = Kept(
                row: row, driven: max(old.driven, row.generation), process: process, written: now,
                asked: old.asked)
            // The statement leaves it as it is.
            new.row.tenant = old.row.tenant
            new.row.generation = max(old.row.generation, row.generation)
            kept[row.digest] = new
        }
        return outcome
    }

    /// - Parameters:
    ///   - keys: Those that can open it.
    ///   - asked: When the client came to the process.
    public mutating func claim(
        _ digest: String, tenant: String, keys: [String], asked: Instant, by process: String,
        at now: Instant
    ) -> Claimed {
        guard var found = kept[digest], now - found.written < Self.lifetime else {
            return .unknown
        }
        guard found.row.tenant == tenant else { return .foreign }
        guard keys.contains(found.row.key) else { return .sealed(key: found.row.key) }
        if !isTimeless, let newest = found.asked, newest > asked { return .superseded }
        found.asked = asked
        found.row.generation += 1
        kept[digest] = found
        superseded[found.process, default: [:]][digest] = (found.row.generation, now)
        return .claimed(
            generation: found.row.generation,
            isDriven: !found.row.isOver && found.process != process)
    }

    /// Of what the process drives already.
    /// - Returns: Its generation; nil if another has it, or was asked for it since.
    public mutating func renew(
        _ digest: String, session: String, asked: Instant, by process: String
    ) -> Int64?? {
        guard var found = kept[digest] else { return nil }
        let isOlder = found.asked.map { $0 > asked } ?? false
        guard found.process == process, isTimeless || !isOlder else { return .some(nil) }
        found.row.generation += 1
        found.driven = found.row.generation
        found.row.session = session
        found.row.isOver = false
        found.asked = asked
        kept[digest] = found
        return .some(found.row.generation)
    }

    /// What was taken.
    public struct Taken: Sendable {
        public var key: String
        public var text: String
        public var age: Interval
        public var hasPlace: Bool
    }

    /// - Parameter isThere: Whether a process has been heard of lately.
    /// - Returns: Nil if another has claimed it since.
    public mutating func take(
        _ digest: String, _ generation: Int64, session: String, by process: String,
        at now: Instant, isThere: (String) -> Bool
    ) -> Taken? {
        guard var found = kept[digest], found.row.generation == generation else { return nil }
        let hasPlace =
            found.row.isOver
            ? found.row.leavesPlace && now - found.written < HeldPlaces.move
            : found.process != process && isThere(found.process)
        found.driven = generation
        found.process = process
        found.row.session = session
        found.row.isOver = false
        kept[digest] = found
        return Taken(
            key: found.row.key, text: found.row.text, age: now - found.written,
            hasPlace: hasPlace)
    }

    /// What others have claimed from this process, until it is acknowledged.
    public func superseded(of process: String) -> [Superseded] {
        (superseded[process] ?? [:]).sorted { $0.key < $1.key }
            .map { Superseded(digest: $0.key, generation: $0.value.generation) }
    }

    /// What was taken again meanwhile stays.
    public mutating func acknowledge(_ heard: [Superseded], of process: String) {
        for each in heard {
            if let row = superseded[process]?[each.digest], row.generation <= each.generation {
                superseded[process]?[each.digest] = nil
            }
        }
    }

    public mutating func forget(at now: Instant) {
        kept = kept.filter { now - $0.value.written <= Self.lifetime }
        superseded = superseded.mapValues { $0.filter { now - $0.value.at <= Self.lifetime } }
    }
}

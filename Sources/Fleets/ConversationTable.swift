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
        public var key: String
        public var text: String

        public init(
            digest: String, generation: Int64, session: String, tenant: String, isOver: Bool,
            key: String, text: String
        ) {
            self.digest = digest
            self.generation = generation
            self.session = session
            self.tenant = tenant
            self.isOver = isOver
            self.key = key
            self.text = text
        }
    }

    public enum Claimed: Equatable, Sendable {
        case taken(Row, age: Interval)
        case foreign
        case sealed(key: String)
        case unknown
    }

    private struct Kept {
        var row: Row
        var process: String
        var written: Instant
    }

    private static let lifetime = Interval.seconds(7200)

    private var kept: [String: Kept] = [:]
    /// By process and digest.
    private var superseded: [String: [String: (generation: Int64, at: Instant)]] = [:]
    /// A canary: rows are written whatever their generation.
    public var isUnfenced = false

    public init() {}

    public func generation(of digest: String) -> Int64? { kept[digest]?.row.generation }

    /// - Returns: The digests of those that another node goes on with.
    public mutating func keep(_ rows: [Row], by process: String, at now: Instant) -> [String] {
        var refused: [String] = []
        for row in rows.sorted(by: { $0.digest < $1.digest }) {
            if let old = kept[row.digest]?.row, !isUnfenced,
                old.generation > row.generation || old.tenant != row.tenant
            {
                refused.append(row.digest)
                continue
            }
            var row = row
            // The statement leaves it as it is.
            row.tenant = kept[row.digest]?.row.tenant ?? row.tenant
            kept[row.digest] = Kept(row: row, process: process, written: now)
        }
        return refused
    }

    /// - Parameter keys: Those that can open it.
    public mutating func claim(
        _ digest: String, tenant: String, keys: [String], by process: String, at now: Instant
    ) -> Claimed {
        guard var found = kept[digest], now - found.written < Self.lifetime else {
            return .unknown
        }
        guard found.row.tenant == tenant else { return .foreign }
        guard keys.contains(found.row.key) else { return .sealed(key: found.row.key) }
        superseded[found.process, default: [:]][digest] = (found.row.generation + 1, now)
        var answer = found.row
        answer.generation += 1
        answer.isOver = found.row.isOver || found.process == process
        found.row.generation += 1
        found.row.isOver = false
        found.process = process
        kept[digest] = found
        return .taken(answer, age: now - found.written)
    }

    /// What others have taken from this process, until it is acknowledged.
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

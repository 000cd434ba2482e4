public import Basics

/// Uses of client tokens that were none, until the database knows it.
public struct TokenReturns: Sendable {
    /// The use of one session.
    public struct Use: Hashable, Comparable, Sendable {
        /// Of the token's text, in hexadecimal digits.
        public var digest: String
        public var session: String

        public init(digest: String, session: String) {
            self.digest = digest
            self.session = session
        }

        public static func < (a: Use, b: Use) -> Bool {
            (a.digest, a.session) < (b.digest, b.session)
        }
    }

    /// With the moment from which on they may go.
    private var waiting: [Use: Instant] = [:]
    /// More uses that nobody knows of remain counted.
    private static let most = 100_000

    public init() {}

    public var isEmpty: Bool { waiting.isEmpty }

    /// Written in a round, and again until it is.
    /// - Parameter moment: Until then `keep` can take it back.
    public mutating func add(_ use: Use, from moment: Instant) {
        if waiting.count < Self.most { waiting[use] = moment }
    }

    /// It is one after all. False if that is too late.
    public mutating func keep(_ use: Use) -> Bool { waiting.removeValue(forKey: use) != nil }

    /// Those that may go now. One that is being given back can no longer be kept.
    /// - Parameter isEnding: There is no later.
    public mutating func take(_ most: Int, at now: Instant, isEnding: Bool) -> [Use: Instant] {
        let ready = waiting.filter { isEnding || $0.value <= now }.prefix(most)
        for (use, _) in ready { waiting[use] = nil }
        return Dictionary(uniqueKeysWithValues: ready.map { ($0.key, $0.value) })
    }

    /// Nobody knows whether they were given back; doing so twice changes nothing.
    public mutating func putBack(_ uses: [Use: Instant]) { waiting.merge(uses) { $1 } }
}

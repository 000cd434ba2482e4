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

    private var waiting: Set<Use> = []
    /// More uses that nobody knows of remain counted.
    private static let most = 100_000

    public init() {}

    public var isEmpty: Bool { waiting.isEmpty }

    public mutating func add(_ use: Use) { if waiting.count < Self.most { waiting.insert(use) } }

    /// To be written in one statement.
    public mutating func take(_ most: Int) -> [Use] {
        let taken = waiting.prefix(most).sorted()
        waiting.subtract(taken)
        return taken
    }

    /// Nobody knows whether they were given back; doing so twice changes nothing.
    public mutating func putBack(_ uses: [Use]) { waiting.formUnion(uses) }
}

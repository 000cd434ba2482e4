/// Uses of client tokens that did not happen, until the database has taken them back.
public struct TokenReturns: Sendable {
    /// The use of one session.
    public struct Use: Hashable, Comparable, Sendable {
        /// The digest of the token's text, in hexadecimal digits.
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
    /// Uses beyond this number are not given back.
    private static let most = 100_000

    public init() {}

    public var isEmpty: Bool { waiting.isEmpty }

    public mutating func add(_ use: Use) { if waiting.count < Self.most { waiting.insert(use) } }

    /// Takes uses, to be written in one statement.
    public mutating func take(_ most: Int) -> [Use] {
        let taken = waiting.prefix(most).sorted()
        waiting.subtract(taken)
        return taken
    }

    /// It is unknown whether they were given back; doing so twice changes nothing.
    public mutating func putBack(_ uses: [Use]) { waiting.formUnion(uses) }
}

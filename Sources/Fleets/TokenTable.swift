/// The tables `client_tokens` and `token_uses` as a value, with the statements of `SharedTokens` as
/// its operations. A test of the ledger plays the same operations on both.
public struct TokenTable: Sendable {
    public struct Use: Hashable, Sendable {
        public var digest: String
        public var session: String

        public init(digest: String, session: String) {
            self.digest = digest
            self.session = session
        }
    }

    public enum Visit: Equatable, Sendable {
        case use
        /// There is none left; or the session's was given back before it was counted, or the session
        /// has come before.
        case noUse
    }

    /// How many there are of each, and how many are counted.
    private var tokens: [String: (uses: Int, used: Int)] = [:]
    private var isGivenBack: [Use: Bool] = [:]
    /// A canary: uses are counted one after another, but the bound is not looked at.
    public var isUnbounded = false

    public init() {}

    public mutating func mint(_ digest: String, uses: Int) { tokens[digest] = (uses, 0) }

    public func used(_ digest: String) -> Int? { tokens[digest]?.used }

    public mutating func visit(_ use: Use) -> Visit {
        guard let token = tokens[use.digest], isGivenBack[use] == nil else { return .noUse }
        guard token.uses == 0 || token.used < token.uses || isUnbounded else { return .noUse }
        isGivenBack[use] = false
        tokens[use.digest]?.used += 1
        return .use
    }

    public mutating func giveBack(_ uses: [Use]) {
        for use in uses where tokens[use.digest] != nil {
            if isGivenBack[use] == false { tokens[use.digest]?.used -= 1 }
            isGivenBack[use] = true
        }
    }
}

extension Policy {
    /// The people behind a tenant's sessions: who they are, and what each may use in a UTC day.
    public struct EndUsers: Equatable, Sendable {
        /// The header field in which a balancer names the end user.
        public var header: String?
        /// A session without an end user is refused.
        public var required = false
        public var dayMinutes: Int?
        /// Millionths of a dollar.
        public var dayMicroUSD: Int64?

        /// Bytes of an end user's name.
        public static let longestName = 128

        public var hasQuota: Bool { dayMinutes != nil || dayMicroUSD != nil }

        /// Whether a name can be kept and shown: one line of text.
        public static func isName(_ name: String) -> Bool {
            !name.isEmpty && name.utf8.count <= longestName
                && name.unicodeScalars.allSatisfy { scalar in
                    scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
                        && scalar != "\u{FFFD}"
                }
        }
    }

    static let endUserKeys: [Setting<Policy>] = [
        Setting(
            "end_users.header", \.endUsers.header, .optional(.headerName),
            "The header field in which a balancer names the end user. It counts only in requests "
                + "from `serve --balancers`, because anyone else can forge it, and the balancer "
                + "must replace what its client sent. A client token can name its end user "
                + "(`endUser`); that name comes first. A name is one line of at most "
                + "\(EndUsers.longestName) bytes; a session with another one, or with two, is "
                + "refused.",
            example: "end_users: { header: x-end-user }"),
        Setting(
            "end_users.required", \.endUsers.required, .flag,
            "Refuse sessions without an end user. false: they have no quota.",
            example: "end_users: { required: true }"),
        Setting(
            "end_users.day_minutes", \.endUsers.dayMinutes, .optional(.count(0...1_000_000)),
            "Minutes that all sessions of one end user may last together in one UTC day. null: "
                + "unlimited.",
            example: "end_users: { day_minutes: 30 }"),
        Setting(
            "end_users.day_usd", \.endUsers.dayMicroUSD,
            .optional(.dollars(0...1_000_000_000_000)),
            "What all sessions of one end user may cost together in one UTC day. null: unlimited.",
            example: "end_users: { day_usd: 0.50 }"),
    ]
}

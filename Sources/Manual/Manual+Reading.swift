// Commands that read what was configured, and what happened.
extension Manual {
    static let tenant = Option("tenant", "NAME", "Of this tenant alone.")
    static let since = Option(
        "since", "TIME", "From then on: 2026-11-21, 2026-11-21T08:30 (UTC), today, yesterday, 7d.")
    static let until = Option("until", "TIME", "Until then.")

    static let check = Command(
        "check", summary: "finds what is wrong with policies, without serving",
        ["Each complaint is a line FILE:LINE:COLUMN: error: ... Exits with 2 where there is one."],
        options: [
            policies,
            Option("strict", "What is only unwise is an error, too."),
        ],
        examples: [
            Example("turnkeeper check --policies /etc/turnkeeper --strict", "before a reload")
        ])

    static let explain = Command(
        "explain", summary: "prints the policy in force, and where each value comes from",
        options: [
            Option("model", "MODEL", "For sessions with this model. Needed."),
            Option("tenant", "NAME", "For this tenant. default unless given."),
            policies, json,
        ],
        examples: [
            Example(
                "turnkeeper explain --tenant acme --model gemini-3.1-flash-live-preview",
                "what acme gets")
        ])

    static let sessions = Command(
        "sessions", "list|show ID|follow [ID]|end ID|drain ID",
        summary: "what happened in sessions, and what happens now",
        [
            "`list` prints the newest, `show` draws one as lanes, `follow` prints what happens within "
                + "a second, of one or of all. All of it also while a server runs.",
            "`end` closes one at once, `drain` when it is idle; the server is asked at its admin port.",
        ],
        options: [
            data, tenant,
            Option("model", "MODEL", "With this model alone."),
            Option("outcome", "OUTCOME", "That ended so: completed, unanswered, limit, ..."),
            Option("close-code", "N", "Closed with this code, towards either side."),
            Option("live", "That are not over."),
            Option("trouble", "In which something went wrong."),
            Option("search", "TEXT", "Whose id, tenant, model or reasons hold this."),
            since, until,
            Option(
                "sort", oneOf: ["cost", "remedies", "first-sound", "length"],
                "What comes first. The newest unless given."),
            Option("limit", "N", "At most so many. 50 unless given."),
            Option("width", "N", "Columns of a drawing. 120 unless given."),
            json, csv,
            Option(
                "admin", "HOST:PORT",
                "For end and drain: the server's admin port. 127.0.0.1:8081 unless given."),
            Option("admin-token", "FILE", .file, "What that port wants to be shown."),
        ],
        examples: [
            Example("turnkeeper sessions list --trouble --since 24h", "what to look at"),
            Example("turnkeeper sessions show ID", "what happened"),
        ])

    static let usage = Command(
        "usage", summary: "sums up tokens and money",
        options: [
            Option(
                "by", "tenant|model|session|day|month|end-user",
                "A row for each, or for each of several joined by +. tenant+model unless given."),
            tenant, since, until, data, json, csv,
        ],
        examples: [Example("turnkeeper usage --by day+tenant --since 30d", "the last month")])

    static let bundle = Command(
        "bundle", "ID", summary: "makes one file for a support ticket, without secrets",
        options: [
            Option("out", "FILE", .file, "Where; - is stdout. turnkeeper-ID.json unless given."),
            Option("with-words", "Keeps what was said, and what tools were told."),
            data,
            Option(
                "policies", "DIR", .directory,
                "Whose secrets are taken out. Policies, if it is there, unless given."),
        ])

    static let replay = Command(
        "replay", "FILE", summary: "steps a recorded session through the machine again",
        ["With policies: what they would have done differently. `log: { record: on }` records."],
        options: [
            Option("policies", "DIR", .directory, "Other policies than it was recorded with."),
            Option("tenant", "NAME", "Of those. The recorded one unless given."),
            json,
        ],
        examples: [
            Example("turnkeeper replay .turnkeeper/recordings/ID.jsonl --policies New", "compares")
        ])
}

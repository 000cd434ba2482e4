// Commands that read the configuration and the records.
extension Manual {
    static let tenant = Option("tenant", "NAME", "Only this tenant.")
    static let since = Option(
        "since", "TIME", "Start: 2026-11-21, 2026-11-21T08:30 (UTC), today, yesterday, 7d.")
    static let until = Option("until", "TIME", "End, in the same form.")

    static let ledgerToRead = Option(
        "ledger", "sqlite|postgres://USER@HOST/DATABASE",
        "Where the records are: ledger.db in --data, or a PostgreSQL. Default: sqlite.")

    static let check = Command(
        "check", summary: "finds mistakes in policies, without serving",
        ["Prints a line FILE:LINE:COLUMN: error: ... per mistake. Exit status 2 if there are any."],
        options: [
            policies,
            Option("strict", "Treats warnings as errors."),
        ],
        examples: [
            Example("turnkeeper check --policies /etc/turnkeeper --strict", "before a reload")
        ])

    static let explain = Command(
        "explain", summary: "prints the policy in force, and where each value comes from",
        options: [
            Option("model", "MODEL", "For sessions with this model. Required."),
            Option("tenant", "NAME", "For this tenant. Default: the only one, or default."),
            policies, json,
        ],
        examples: [
            Example(
                "turnkeeper explain --tenant acme --model gemini-3.1-flash-live-preview",
                "what applies to acme")
        ])

    static let sessions = Command(
        "sessions", "list|show ID|follow [ID]|end ID|drain ID",
        summary: "shows what happened in sessions, and what happens now",
        [
            "`list` prints the newest sessions, `show` draws the timeline of one, `follow` prints the "
                + "events of one or all with at most a second of delay. All work while a server runs.",
            "`end` closes a session at once, `drain` when it is idle; both use the server's admin port.",
        ],
        options: [
            data, ledgerToRead, ledgerPassword, tenant,
            Option("model", "MODEL", "Only those that used this model."),
            Option(
                "outcome", "OUTCOME", "Only with this outcome: completed, unanswered, limit, ..."),
            Option("close-code", "N", "Only closed with this code, by either peer or the proxy."),
            Option("live", "Only those that are still open."),
            Option("trouble", "Only those in which something went wrong."),
            Option(
                "search", "TEXT",
                "Only with this in tenant, model or kept words, as close code, or as start of the id."
            ),
            Option(
                "words", "TEXT",
                "Only those in which this was said, in either case, where the policy keeps words."),
            since, until,
            Option(
                "sort", oneOf: ["cost", "remedies", "first-sound", "length"],
                "Sort order. Default: newest first."),
            Option("limit", "N", "Maximum number. Default: 50."),
            Option("width", "N", "Columns of a timeline. Default: 120."),
            json, csv,
            Option(
                "admin", "HOST:PORT",
                "For end and drain: the server's admin port. Default: 127.0.0.1:8081."),
            Option("admin-token", "FILE", .file, "The file with that port's token."),
            Option(
                "ca", "FILE", .file,
                "The authority that issued that port's certificate. Default: the system's. TLS is used "
                    + "unless HOST is on loopback and neither this nor --admin-name is given."),
            Option(
                "admin-name", "NAME",
                "The name in that port's certificate, if it is not HOST."),
        ],
        examples: [
            Example("turnkeeper sessions list --trouble --since 24h", "the day's problems"),
            Example("turnkeeper sessions show ID", "what happened in one"),
            Example(
                "turnkeeper sessions end ID --admin turnkeeper-0:8081 --admin-token FILE --ca ca.pem",
                "at a node on another machine"),
        ])

    static let usage = Command(
        "usage", summary: "sums up tokens and cost",
        options: [
            Option(
                "by", "tenant|model|session|day|month|end-user",
                "One row for each; combine several with +. Default: tenant+model."),
            tenant, since, until, data, ledgerToRead, ledgerPassword, json, csv,
        ],
        examples: [Example("turnkeeper usage --by day+tenant --since 30d", "the last month")])

    static let nodes = Command(
        "nodes", summary: "lists the nodes that share a PostgreSQL, and how they differ",
        [
            "Each process with its state (serving, draining, or silent, which is dead or cut off from "
                + "the database), the digest of its policies and its sessions; one that died is "
                + "listed for an hour."
        ],
        options: [
            Option(
                "ledger", "postgres://USER@HOST/DATABASE",
                "The PostgreSQL, as for serve. Required."),
            ledgerPassword, json,
        ],
        examples: [
            Example(
                "turnkeeper nodes --ledger postgres://turnkeeper@db.example/calls", "all of them")
        ])

    static let bundle = Command(
        "bundle", "ID", summary: "writes one file for a support ticket, without secrets",
        options: [
            Option("out", "FILE", .file, "Where; - is stdout. Default: turnkeeper-ID.json."),
            Option("with-words", "Includes transcripts and tool arguments."),
            data, ledgerToRead, ledgerPassword,
            Option(
                "policies", "DIR", .directory,
                "Policies whose secrets are removed. Default: Policies, if it exists."),
        ])

    static let ledger = Command(
        "ledger", "copy", summary: "copies the records of a SQLite ledger to PostgreSQL",
        [
            "Sessions that have ended, with all their parts, and the policies they had. Repeating it "
                + "adds what is new, and doubles nothing; a server may use both meanwhile."
        ],
        options: [
            Option("from", "DIR", .directory, "The --data with ledger.db. Default: .turnkeeper."),
            Option("to", "postgres://USER@HOST/DATABASE", "Where to. Required."),
            ledgerPassword,
        ],
        examples: [
            Example(
                "turnkeeper ledger copy --from .turnkeeper --to postgres://turnkeeper@db/calls",
                "before or after `serve --ledger postgres://...`")
        ])

    static let dashboards = Command(
        "dashboards", summary: "writes the boards, the alerts and the runbook",
        [
            "For Grafana fleet.json, sessions.json, tenants.json and workers.json; for Prometheus "
                + "alerts.yaml, with alerts_test.yaml for promtool; RUNBOOK.md. Those of an older version "
                + "are replaced."
        ],
        options: [
            Option("into", "DIR", .directory, "Where to. Default: Dashboards."),
            Option(
                "runbook-url", "URL",
                "Where you publish RUNBOOK.md; alerts link to it. Default: the file's name."),
        ],
        examples: [
            Example(
                "turnkeeper dashboards --into /etc/prometheus/turnkeeper", "boards and alerts"),
            Example(
                "turnkeeper dashboards --runbook-url https://wiki.example/RUNBOOK.md",
                "alerts that link to your wiki"),
        ])

    static let replay = Command(
        "replay", "FILE", summary: "runs a recorded session through the session machine again",
        ["With --policies: what they would have done differently. `log: { record: on }` records."],
        options: [
            Option("policies", "DIR", .directory, "Policies other than those of the recording."),
            Option("tenant", "NAME", "A tenant of these. Default: the recorded one."),
            json,
        ],
        examples: [
            Example("turnkeeper replay .turnkeeper/recordings/ID.jsonl --policies New", "compares")
        ])
}

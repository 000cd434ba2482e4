import Basics
import Metrics

extension Alert {
    /// Spending and the ledger.
    static let spending = [
        limitMet, budgetNearlySpent, rising, estimated, ledgerLosing, ledgerBehind,
        conversationsLost, conversationsUnwritten, conversationsLate,
    ]

    private static let limitMet = Alert(
        "LimitMet", .ticket, "{{ $labels.tenant }} is at its {{ $labels.limit }}",
        lasting: .seconds(300), "sum by (tenant, limit) (rate(\(.limits)[\(.window)])) > 0",
        Runbook(
            """
            A limit of the policy is reached: clients of the tenant are refused or closed with a reason that says so. \
            Other tenants are not affected.
            """,
            look: [
                "Tenants board, *Sessions open* and *Limits met*: growth, or one client in a loop?",
                "`turnkeeper usage --by session --since today` for budgets: a few expensive sessions, or many ordinary ones?",
            ],
            act: [
                "Growth: raise the limit in the tenant's file; it is reloaded at once.",
                "A loop: the limit is working as intended; tell the tenant, with a session id.",
            ]),
        Proof(
            fires: [Sample(.limits, acme + #",limit="budget.day_usd""#, "0+2x60")],
            isQuiet: [Sample(.limits, acme + #",limit="budget.day_usd""#, "7x60")],
            labels: [
                (name: "tenant", value: "acme"), (name: "limit", value: "budget.day_usd"),
            ]))

    private static let budgetNearlySpent = Alert(
        "BudgetNearlySpent", .ticket,
        "{{ $labels.tenant }} has spent 80 % of its {{ $labels.kind }} budget",
        lasting: .seconds(60),
        "max by (tenant, kind) (\(.budgetUsed) / \(.budget)) >= 0.8",
        Runbook(
            """
            At 100 % the tenant's sessions are closed and new ones refused, with a reason that says so, until the next day (UTC).
            """,
            look: [
                "`turnkeeper usage --by tenant --since today`: how much is spent, and of what budget.",
                "`turnkeeper sessions list --sort cost --since today --tenant T`: a few expensive sessions, or many ordinary ones?",
            ],
            act: [
                "Growth: raise `budget.day_usd` in the tenant's file; it is reloaded at once.",
                "A loop: `turnkeeper sessions end ID` ends one session.",
            ]),
        Proof(
            fires: [
                Sample(.budget, #"tenant="acme",kind="day""#, "10x60"),
                Sample(.budgetUsed, #"tenant="acme",kind="day""#, "8.5x60"),
            ],
            isQuiet: [
                Sample(.budget, #"tenant="acme",kind="day""#, "10x60"),
                Sample(.budgetUsed, #"tenant="acme",kind="day""#, "7x60"),
            ],
            labels: [(name: "tenant", value: "acme"), (name: "kind", value: "day")]))

    private static let rising = Alert(
        "SpendingJumps", .ticket,
        "{{ $labels.tenant }} spends three times what it spent a day ago, and over $1 an hour",
        lasting: .seconds(900),
        """
        sum by (tenant) (rate(\(.cost)[1h])) * 3600 > 1 \
        and sum by (tenant) (rate(\(.cost)[1h])) \
        > 3 * sum by (tenant) (rate(\(.cost)[1h] offset 1d))
        """,
        Runbook(
            "More users, longer sessions, or a client in a loop. Each turn is billed with its whole context again, so longer sessions cost more than additional ones.",
            look: [
                "Tenants board: sessions, turns per session, prompt tokens by modality.",
                "`turnkeeper usage --by session --since today`: a few expensive sessions, or many ordinary ones?",
            ],
            act: [
                "Limit cost with `budget.day_usd` and `budget.session_usd`, and length with `limits.session`.",
                "For long sessions, configure context window compression in the client's setup.",
            ]),
        Proof(
            fires: [Sample(.cost, acme, "0+0.01x1440 15+0.1x120")],
            isQuiet: [Sample(.cost, acme, "0+0.1x1560")],
            labels: [(name: "tenant", value: "acme")], minutes: 1530))

    private static let estimated = Alert(
        "UsageNotReported", .ticket,
        "More than 20 % of the tokens of {{ $labels.model }} are estimates",
        lasting: .seconds(1800),
        """
        sum by (model) (rate(\(.tokens, #"source="estimated""#)[\(.window)])) \
        / sum by (model) (rate(\(.tokens)[\(.window)])) > 0.2
        """,
        Runbook(
            "Gemini left usage out of its messages, so it was estimated from lengths. Estimated costs are marked in the ledger.",
            look: [
                "`turnkeeper usage --by model`: which models, and since when.",
                "`turnkeeper sessions show ID`: sessions that ended before their reports arrived are always estimated.",
            ],
            act: [
                "Compare with Google's bill before you invoice anybody.",
                "If reports have a new form, file an issue with a bundle (`turnkeeper bundle ID`); raw reports are kept.",
            ]),
        Proof(
            fires: [
                Sample(
                    .tokens,
                    acme + #",direction="prompt",modality="audio",source="reported""#, "0+10x60"),
                Sample(
                    .tokens,
                    acme + #",direction="prompt",modality="audio",source="estimated""#, "0+10x60"),
            ],
            isQuiet: [
                Sample(
                    .tokens,
                    acme + #",direction="prompt",modality="audio",source="reported""#, "0+99x60"),
                Sample(
                    .tokens,
                    acme + #",direction="prompt",modality="audio",source="estimated""#, "0+1x60"),
            ], labels: [(name: "model", value: "gemini-live")]))

    private static let ledgerLosing = Alert(
        "LedgerLosesRecords", .page, "{{ $labels.instance }} cannot write its ledger",
        lasting: .seconds(0), "rate(\(.ledgerLost)[\(.window)]) > 0",
        Runbook(
            "Records of sessions, turns and cost are being lost. Calls continue.",
            look: [
                "The log: `the ledger cannot be written` with the file and SQLite's message; `/readyz` of the admin port says so too. The same lines appear if the ledger could not be opened at the start.",
                "`df` of the data directory; which other process has `ledger.db` open (`fuser`).",
            ],
            act: [
                "Free disk space, or end the process that locks the file: writing resumes by itself within a second, beginning with the records that waited.",
                "If the line has a field `try`, the file is damaged: move it away as the line says, and a new one is made within a second.",
                "Recover missing data from the log's lines `session ended`, which include tokens and cost.",
            ]),
        Proof(
            fires: [Sample(.ledgerLost, #"instance="a:1""#, "0+5x60")],
            isQuiet: [Sample(.ledgerLost, #"instance="a:1""#, "7x60")],
            labels: [(name: "instance", value: "a:1")]))

    private static let ledgerBehind = Alert(
        "LedgerBehind", .ticket, "{{ $labels.instance }} has 75,000 records waiting for its ledger",
        lasting: .seconds(60), "\(.ledgerQueue) > 75000",
        Runbook(
            "The writer takes longer than a second, or cannot write at all. If more than 300,000 wait (or 2 GiB, with a ledger in PostgreSQL), records are lost, timeline entries before turns and cost.",
            look: [
                "The log: `the ledger cannot be written`.",
                "`the ledger's database cannot be written`, with the reason: until it can be, rows wait in `spool.db` in the data directory, and nothing is lost while they fit on the disk.",
                "`iostat`: is the disk busy with something else?",
            ],
            act: [
                "As for [LedgerLosesRecords](#ledgerlosesrecords); a quarter of the queue is full."
            ]),
        Proof(
            fires: [Sample(.ledgerQueue, #"instance="a:1""#, "90000x60")],
            isQuiet: [Sample(.ledgerQueue, #"instance="a:1""#, "20000x60")],
            labels: [(name: "instance", value: "a:1")]))

    private static let conversationsLost = Alert(
        "ConversationsLost", .page,
        "{{ $labels.instance }} could not keep states of conversations for other nodes",
        lasting: .seconds(0), "rate(\(.conversationsLost)[\(.window)]) > 0",
        Runbook(
            "If this node died now, its callers would continue elsewhere with their conversations as they were before the database became unreachable. Calls continue.",
            look: [
                "The log: `states of conversations could not be kept for other nodes`, and before it why PostgreSQL cannot be written.",
                "Workers board, *Age of the oldest of them*: since when.",
            ],
            act: [
                "Bring PostgreSQL back: the 64 MiB that still wait are written at once, and every other conversation with its next turn.",
                "Until then do not restart nodes.",
            ]),
        Proof(
            fires: [Sample(.conversationsLost, #"instance="a:1""#, "0+5x60")],
            isQuiet: [Sample(.conversationsLost, #"instance="a:1""#, "7x60")],
            labels: [(name: "instance", value: "a:1")]))

    private static let conversationsUnwritten = Alert(
        "ConversationsUnwritten", .ticket,
        "{{ $labels.instance }} cannot write conversations for other nodes", lasting: .seconds(120),
        "\(.conversationsOldest) > 1",
        Runbook(
            "PostgreSQL is unreachable, or has stalled. If this node dies, what its callers have said since then is lost.",
            look: [
                "The log: that the node is cut off, or `the ledger's database cannot be written`, with the reason.",
                "Is one node affected, or all?",
            ],
            act: [
                "Bring PostgreSQL, or the network to it, back. Nothing is lost while less than 64 MiB wait.",
                "Until then do not restart nodes.",
            ]),
        Proof(
            fires: [Sample(.conversationsOldest, #"instance="a:1""#, "0x30 3+60x30")],
            isQuiet: [Sample(.conversationsOldest, #"instance="a:1""#, "0.4x60")],
            labels: [(name: "instance", value: "a:1")]))

    private static let conversationsLate = Alert(
        "ConversationsLate", .ticket,
        "{{ $labels.instance }} writes one conversation in 100 after more than the second it promises",
        lasting: .seconds(120),
        """
        histogram_quantile(0.99, sum by (le, instance) \
        (rate(\(.conversationsDelay, .bucket)[\(.window)]))) > 1
        """,
        Runbook(
            "PostgreSQL is slow, or was unreachable. If a node dies, what it has not written is lost: normally at most the last second of what its callers said.",
            look: [
                "Workers board, *Until a conversation is written* and *Age of the oldest of them*: one node, or all? Is it an outage that is already over?",
                "PostgreSQL: its CPU and disk, and `pg_stat_activity`.",
            ],
            act: [
                "All nodes: give PostgreSQL more of what it lacks; [SCALING.md](SCALING.md) has the sizes.",
                "One node: check the network between it and PostgreSQL.",
            ]),
        Proof(
            fires: [
                Sample(.conversationsDelay, .bucket, #"instance="a:1",le="1""#, "0+90x60"),
                Sample(.conversationsDelay, .bucket, #"instance="a:1",le="2""#, "0+100x60"),
                Sample(.conversationsDelay, .bucket, #"instance="a:1",le="+Inf""#, "0+100x60"),
            ],
            isQuiet: [
                Sample(.conversationsDelay, .bucket, #"instance="a:1",le="0.75""#, "0+100x60"),
                Sample(.conversationsDelay, .bucket, #"instance="a:1",le="1""#, "0+100x60"),
                Sample(.conversationsDelay, .bucket, #"instance="a:1",le="+Inf""#, "0+100x60"),
            ], labels: [(name: "instance", value: "a:1")]))
}

import Metrics

extension Board {
    /// What the processes and their threads do.
    static let workers = Board(
        name: "workers", title: "Turnkeeper / Workers",
        description: "Processes and their threads: time, memory, files, ledger.",
        rows: [
            Row("Processes", processes),
            Row("Time", time),
            Row("Threads", threads),
            Row("Ledger and rules", books),
        ])

    private static let processes: [Panel] = [
        .number("Messages", .perSecond, "Both ways.", "sum(rate(\(.messages)[\(.window)]))"),
        .number(
            "CPU for a message", .seconds, "All CPU time, divided by messages forwarded.",
            """
            sum(rate(\(.processCPU)[\(.window)])) \
            / clamp_min(sum(rate(\(.messages)[\(.window)])), 1e-9)
            """),
        .number(
            "Memory of a session", .bytes, "All resident memory, divided by open sessions.",
            "sum(\(.processResident)) / clamp_min(sum(\(.sessionsActive)), 1)"),
        .number(
            "Files in use", .share, "Share of the limit, on the fullest node; a session needs two.",
            "max(\(.processOpenFiles) / \(.processMaximumFiles))"),
        .number(
            "Policies are in force", .flag, "0: a node could not read the newest policies.",
            "min(\(.policyReload))"),
        .number(
            "Youngest node", .seconds, "Since it started.", "time() - max(\(.processStart))"),
        .lines(
            "CPU", .count, "Cores in use, by node.",
            [("rate(\(.processCPU)[\(.window)])", "{{instance}}")]),
        .lines(
            "Memory", .bytes, "By node, and the lowest limit: near it sessions are refused.",
            [("\(.memoryUsed)", "{{instance}}"), ("min(\(.memoryBound))", "bound")]),
        .lines(
            "Connections without a setup", .count, "By node; idle ones are closed after a while.",
            [("\(.unopened)", "{{instance}}")]),
        .lines(
            "Open files", .count, "By node, and the limit.",
            [
                ("\(.processOpenFiles)", "{{instance}}"),
                ("min(\(.processMaximumFiles))", "limit"),
            ]),
    ]

    private static let time: [Panel] = [
        .heatmap(
            "Time inside the proxy", .seconds,
            "One read and everything it causes. Above 1 ms: long work, or a long wait for a CPU.",
            "sum by (le) (increase(\(.forward, .bucket)[\(.window)]))"),
        .lines(
            "Time inside the proxy", .seconds, "From the kernel's notice to the last send.",
            width: 12, quantiles(of: .forward)),
    ]

    private static let threads: [Panel] = [
        .lines(
            "CPU of workers", .share,
            "Of one core, by thread. Near 1 a worker is saturated, whatever the others do.",
            [("rate(\(.workerCPU)[\(.window)])", "{{instance}} {{worker}}")]),
        .lines(
            "Sessions of workers", .count,
            "The kernel distributes new connections; sessions stay on their worker.",
            [("\(.workerSessions)", "{{instance}} {{worker}}")]),
        .lines(
            "Bytes held", .bytes, "By node: held by rules, or waiting for slow readers.",
            [("sum by (instance) (\(.buffered))", "{{instance}}")]),
    ]

    private static let books: [Panel] = [
        .number(
            "The ledger is written", .flag,
            "0: the disk is full, or the file is locked or was deleted.",
            "min(\(.ledgerWell))"),
        .lines(
            "Records that wait", .count, "For the ledger's writer; lost above 300,000.",
            [("\(.ledgerQueue)", "{{instance}}")]),
        .lines(
            "Records lost", .perSecond, "The disk is full or the file is locked.",
            [("rate(\(.ledgerLost)[\(.window)])", "{{instance}}")]),
        .lines(
            "Conversations that wait", .count,
            "To be written for other nodes, each once; some are lost above 64 MiB.",
            [("\(.conversationsWaiting)", "{{instance}}")]),
        .lines(
            "Age of the oldest of them", .seconds,
            "What a node forgets if it dies now. Above 1 s the database is slow, or away.",
            [("\(.conversationsOldest)", "{{instance}}")]),
        .lines(
            "Until a conversation is written", .seconds,
            "On average, from its change on; 1 s at most is promised.",
            [
                (
                    """
                    rate(\(.conversationsDelay, .sum)[\(.window)]) \
                    / clamp_min(rate(\(.conversationsDelay, .count)[\(.window)]), 1e-9)
                    """, "{{instance}}"
                )
            ]),
        .lines(
            "States of conversations lost", .perSecond,
            "Another node would go on with an older one: the database has been away too long.",
            [("rate(\(.conversationsLost)[\(.window)])", "{{instance}}")]),
        .lines(
            "Log lines lost", .perSecond, "Standard error is not read fast enough.",
            [("rate(\(.logLost)[\(.window)])", "{{instance}}")]),
        .lines(
            "Readers of events", .count, "Browsers and commands that follow sessions, by node.",
            [("\(.eventReaders)", "{{instance}}")]),
        .lines(
            "Readers of events that were left behind", .perSecond,
            "They did not read their events in time, and start over.",
            [("rate(\(.eventReadersDropped)[\(.window)])", "{{instance}}")]),
        .table(
            "Versions", .count, "Nodes by version.", width: 8,
            [("count by (version) (\(.build))", "nodes")]),
        .table(
            "Nodes", .count, "The load of each.", width: 24,
            [
                ("sum by (instance) (\(.workerSessions))", "sessions"),
                ("count by (instance) (\(.workerSessions))", "workers"),
                ("time() - \(.processStart)", "seconds up"),
            ]),
    ]
}

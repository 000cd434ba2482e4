import Metrics

extension Board {
    /// The machine room: what the processes and their threads do.
    static let workers = Board(
        name: "workers", title: "Turnkeeper / Workers",
        description: "Processes and their threads: time, memory, files, ledger.",
        rows: [
            Row("Processes", processes),
            Row("Time", time),
            Row("Threads", threads),
            Row("Books and rules", books),
        ])

    private static let processes: [Panel] = [
        .number("Messages", .perSecond, "Both ways.", "sum(rate(\(.messages)[\(.window)]))"),
        .number(
            "CPU for a message", .seconds, "Everything the processes do, by messages passed.",
            """
            sum(rate(\(.processCPU)[\(.window)])) \
            / clamp_min(sum(rate(\(.messages)[\(.window)])), 1e-9)
            """),
        .number(
            "Memory of a session", .bytes, "All resident memory by open sessions.",
            "sum(\(.processResident)) / clamp_min(sum(\(.sessionsActive)), 1)"),
        .number(
            "Files in use", .share, "Of the limit, on the fullest node; two for a session.",
            "max(\(.processOpenFiles) / \(.processMaximumFiles))"),
        .number(
            "Policies are in force", .flag, "0: some node could not read the newest policies.",
            "min(\(.policyReload))"),
        .number(
            "Youngest node", .seconds, "Since it started.", "time() - max(\(.processStart))"),
        .lines(
            "CPU", .count, "Cores in use, by node.",
            [("rate(\(.processCPU)[\(.window)])", "{{instance}}")]),
        .lines(
            "Memory", .bytes, "By node, and the least bound: near it sessions are refused.",
            [("\(.memoryUsed)", "{{instance}}"), ("min(\(.memoryBound))", "bound")]),
        .lines(
            "Connections without a setup", .count, "By node; silent ones are closed after a while.",
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
            "One read and all it leads to. What lies above 1 ms was long work or a long wait for a CPU.",
            "sum by (le) (increase(\(.forward, .bucket)[\(.window)]))"),
        .lines(
            "Time inside the proxy", .seconds, "From the kernel's word to the last send.",
            width: 12, quantiles(of: .forward)),
    ]

    private static let threads: [Panel] = [
        .lines(
            "CPU of workers", .share,
            "Of one core, by thread. Near 1 a worker is full, whatever the others do.",
            [("rate(\(.workerCPU)[\(.window)])", "{{instance}} {{worker}}")]),
        .lines(
            "Sessions of workers", .count,
            "The kernel spreads new connections; long sessions keep what they got.",
            [("\(.workerSessions)", "{{instance}} {{worker}}")]),
        .lines(
            "Bytes held", .bytes, "By node: held by rules, or waiting for slow readers.",
            [("sum by (instance) (\(.buffered))", "{{instance}}")]),
    ]

    private static let books: [Panel] = [
        .number(
            "The ledger is written", .flag,
            "0: a full disk, a locked file, or one that somebody deleted.",
            "min(\(.ledgerWell))"),
        .lines(
            "Records that wait", .count, "For the ledger's writer; lost from 20,000 on.",
            [("\(.ledgerQueue)", "{{instance}}")]),
        .lines(
            "Records lost", .perSecond, "A full disk or a locked file.",
            [("rate(\(.ledgerLost)[\(.window)])", "{{instance}}")]),
        .lines(
            "Log lines lost", .perSecond, "Nobody reads standard error fast enough.",
            [("rate(\(.logLost)[\(.window)])", "{{instance}}")]),
        .lines(
            "Readers of events", .count, "Browsers and commands that follow sessions, by node.",
            [("\(.eventReaders)", "{{instance}}")]),
        .lines(
            "Readers of events that were left behind", .perSecond,
            "They did not take what they asked for, and start anew.",
            [("rate(\(.eventReadersDropped)[\(.window)])", "{{instance}}")]),
        .table(
            "Versions", .count, "Nodes by version.", width: 8,
            [("count by (version) (\(.build))", "nodes")]),
        .table(
            "Nodes", .count, "What each carries.", width: 24,
            [
                ("sum by (instance) (\(.workerSessions))", "sessions"),
                ("count by (instance) (\(.workerSessions))", "workers"),
                ("time() - \(.processStart)", "seconds up"),
            ]),
    ]
}

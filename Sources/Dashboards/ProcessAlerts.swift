import Basics
import Metrics

extension Alert {
    /// Processes and the machines they run on.
    static let process = [
        nothing, gone, restarting, forwarding, busy, held, files, policies, log,
    ]

    private static let node = #"instance="a:1",job="turnkeeper""#
    private static let nodeLabels = [
        (name: "instance", value: "a:1"), (name: "job", value: "turnkeeper"),
    ]

    private static let nothing = Alert(
        "NothingAnswers", .page, "No Turnkeeper answers scrapes", lasting: .seconds(120),
        "absent(\(.build))",
        Runbook(
            "No node is running, or none can be reached on its admin port. Probably the whole service is down.",
            look: [
                "Is the process running (`systemctl status`, the orchestrator), and does `/healthz` on the data port answer?",
                "The last lines of its log.",
                "Prometheus' targets page: refused, timed out, or 401 (`--admin-token`)?",
            ],
            act: [
                "If it does not start, `turnkeeper check` shows what is wrong with the policies.",
                "If it runs but is not scraped, check the network, the token, and `--admin`.",
            ]),
        Proof(
            fires: [Sample(.ledgerQueue, node, "0x60")],
            isQuiet: [Sample(.build, node + #",version="1""#, "1x60")]))

    private static let gone = Alert(
        "NodeGone", .ticket, "{{ $labels.instance }} no longer answers scrapes",
        lasting: .seconds(0),
        "group by (instance, job) (\(.build) offset \(.window)) unless group by (instance, job) (\(.build))",
        Runbook(
            "One of several nodes ended or cannot be reached. Its clients reconnect; its open sessions remain `unfinished` in the ledger until it starts again, or, in a PostgreSQL, until another node closes them after ten minutes.",
            look: [
                "Was it a deployment? Then the alert resolves by itself.",
                "The kernel's log (out of memory?), the last lines of the node's log.",
            ],
            act: ["Start it again with the same data directory: that closes its open sessions."]),
        Proof(
            fires: [
                Sample(.build, node + #",version="1""#, "1x40 _x20"),
                Sample(.build, #"instance="b:1",job="turnkeeper",version="1""#, "1x60"),
            ],
            isQuiet: [
                Sample(.build, node + #",version="1""#, "1x60"),
                Sample(.build, #"instance="b:1",job="turnkeeper",version="1""#, "1x60"),
            ], labels: nodeLabels, minutes: 47))

    private static let restarting = Alert(
        "NodeRestarts", .page, "{{ $labels.instance }} restarted more than twice in a short time",
        window: .seconds(1800), lasting: .seconds(0),
        """
        changes(\(.processStart)[\(.window)]) > 2 \
        and on (instance, job) \(.build)
        """,
        Runbook(
            "The process keeps ending and being restarted; each time all of the node's sessions are cut off.",
            look: [
                "Exit status and last lines of the log. A Swift trap prints its location.",
                "The kernel's log: `oom-kill` means that the load exceeds the memory limit.",
            ],
            act: [
                "A trap: roll back, keep the log and the ledger, file an issue. No input from a peer should cause one.",
                "Memory: fewer sessions per node (`limits.sessions`), smaller `limits.buffer`.",
            ]),
        Proof(
            fires: [
                Sample(.processStart, node, "1x20 100x10 200x5 300x30"),
                Sample(.build, node + #",version="1""#, "1x60"),
            ],
            isQuiet: [
                Sample(.processStart, node, "1x20 100x40"),
                Sample(.build, node + #",version="1""#, "1x60"),
            ], labels: nodeLabels))

    private static let forwarding = Alert(
        "ForwardingSlow", .ticket, "{{ $labels.instance }} delays one read in 100 by over 25 ms",
        lasting: .seconds(600),
        """
        histogram_quantile(0.99, sum by (le, instance) \
        (rate(\(.forward, .bucket)[\(.window)]))) > 0.025
        """,
        Runbook(
            "Forwarding normally takes microseconds. Milliseconds mean that the machine is short of CPU, or that a worker is busy with something long.",
            look: [
                "Workers board, *CPU of workers*: is one of them near 1?",
                "Steal time, and other programs on the machine (`top`).",
                "Does it coincide with scrapes, reloads or many new sessions?",
            ],
            act: [
                "Fewer sessions per node, or more cores and `--workers`.",
                "Give the process dedicated CPUs.",
            ]),
        Proof(
            fires: [
                Sample(.forward, .bucket, #"instance="a:1",le="0.025""#, "0+900x60"),
                Sample(.forward, .bucket, #"instance="a:1",le="0.1""#, "0+1000x60"),
                Sample(.forward, .bucket, #"instance="a:1",le="+Inf""#, "0+1000x60"),
            ],
            isQuiet: [
                Sample(.forward, .bucket, #"instance="a:1",le="0.0001""#, "0+999x60"),
                Sample(.forward, .bucket, #"instance="a:1",le="+Inf""#, "0+1000x60"),
            ], labels: [(name: "instance", value: "a:1")]))

    private static let busy = Alert(
        "WorkerBusy", .ticket,
        "Worker {{ $labels.worker }} of {{ $labels.instance }} uses over 80 % of its core",
        lasting: .seconds(600), "rate(\(.workerCPU)[\(.window)]) > 0.8",
        Runbook(
            "A worker is one thread. Its sessions now wait for each other, even if other cores are idle.",
            look: [
                "Workers board, *Sessions of workers*: is one worker fuller than the others, or are all full?"
            ],
            act: [
                "All: add nodes, or `--workers` if cores are free.",
                "One: new sessions even it out over time; draining and restarting the node does so at once.",
            ]),
        Proof(
            fires: [Sample(.workerCPU, #"instance="a:1",worker="0""#, "0+55x60")],
            isQuiet: [Sample(.workerCPU, #"instance="a:1",worker="0""#, "0+20x60")],
            labels: [(name: "instance", value: "a:1"), (name: "worker", value: "0")]))

    private static let held = Alert(
        "BuffersFill", .ticket,
        "Sessions of {{ $labels.tenant }} hold more than a mebibyte each, on average",
        lasting: .seconds(300),
        """
        sum by (tenant) (\(.buffered)) / (sum by (tenant) (\(.sessionsActive)) > 0) > 1048576
        """,
        Runbook(
            "Clients read more slowly than the model speaks, or gemini does not accept what clients send.",
            look: [
                "Sessions board, *Closes of clients*: 1013 means a client that does not read.",
                "Workers board, *Memory*.",
            ],
            act: [
                "A smaller `limits.buffer` ends such sessions sooner.",
                "Tell the tenant: the usual reason is a player that stops reading while it plays.",
            ]),
        Proof(
            fires: [
                Sample(.buffered, acme, "9000000x60"), Sample(.sessionsActive, acme, "3x60"),
            ],
            isQuiet: [
                Sample(.buffered, acme, "9000000x60"), Sample(.sessionsActive, acme, "300x60"),
            ], labels: [(name: "tenant", value: "acme")]))

    private static let files = Alert(
        "FilesRunOut", .page, "{{ $labels.instance }} uses over 80 % of its file descriptors",
        lasting: .seconds(120),
        """
        \(.processOpenFiles) / \(.processMaximumFiles) > 0.8 and on (instance, job) \(.build)
        """,
        Runbook(
            "A session needs two. At the limit, new clients are not accepted.",
            look: [
                "Workers board, *Open files* and *Sessions of workers*: do files increase without sessions?"
            ],
            act: [
                "Raise the limit (`LimitNOFILE`, `ulimit -n`) and restart, or add a node.",
                "Files without sessions: a leak; keep `ls -l /proc/PID/fd` and file an issue.",
            ]),
        Proof(
            fires: [
                Sample(.processOpenFiles, node, "900x60"),
                Sample(.processMaximumFiles, node, "1024x60"),
                Sample(.build, node + #",version="1""#, "1x60"),
            ],
            isQuiet: [
                Sample(.processOpenFiles, node, "90x60"),
                Sample(.processMaximumFiles, node, "1024x60"),
                Sample(.build, node + #",version="1""#, "1x60"),
            ], labels: nodeLabels))

    private static let policies = Alert(
        "PoliciesNotLoaded", .ticket,
        "{{ $labels.instance }} could not read its policies; the old ones stay in force",
        lasting: .seconds(60), "\(.policyReload) == 0",
        Runbook(
            "A policy file has an error. The old policies stay in force, but a restart would fail.",
            look: ["The log: `policy not reloaded` with file, line, column and a suggestion."],
            act: [
                "Fix the file; `turnkeeper check --policies DIR` shows the same errors. It is reloaded at once."
            ]),
        Proof(
            fires: [Sample(.policyReload, #"instance="a:1""#, "0x60")],
            isQuiet: [Sample(.policyReload, #"instance="a:1""#, "1x60")],
            labels: [(name: "instance", value: "a:1")]))

    private static let log = Alert(
        "LogLosesLines", .ticket, "The log of {{ $labels.instance }} is not read fast enough",
        lasting: .seconds(0), "rate(\(.logLost)[\(.window)]) > 0",
        Runbook(
            "Standard error is a pipe whose reader is slow or stuck. Lines are dropped so that calls are not delayed.",
            look: ["The collector behind the pipe; its own metrics."],
            act: ["Restart or scale the collector; use `--log-level warning` until then."]),
        Proof(
            fires: [Sample(.logLost, #"instance="a:1""#, "0+5x60")],
            isQuiet: [Sample(.logLost, #"instance="a:1""#, "7x60")],
            labels: [(name: "instance", value: "a:1")]))
}

// Commands that serve sessions, or play one side of them.
extension Manual {
    static let policies = Option(
        "policies", "DIR", .directory,
        "The policies: one YAML file per tenant. Default: Policies, if it exists.")
    static let data = Option(
        "data", "DIR", .directory,
        "The directory of ledger, recordings and certificates. Default: .turnkeeper.")
    static let ledgerPassword = Option(
        "ledger-password-file", "FILE", .file,
        "The file with PostgreSQL's password. Default: what libpq knows (PGPASSFILE).")
    static let scale = Option(
        "scale", "NUMBER", "Multiplies the scenario's durations: 0.1 is ten times as fast.")
    static let scenario = Option(
        "scenario", "FILE|NAME", .file,
        "What goes wrong: a built-in name or a YAML file. Default: nothing.")
    static let json = Option("json", "Prints JSON.")
    static let csv = Option("csv", "Prints comma-separated values, for a spreadsheet.")

    static let serve = Command(
        "serve", summary: "runs the proxy between clients and gemini",
        [
            "Prints `listening on ADDRESS` and `admin on ADDRESS` once connections are accepted. "
                + "Logs go to stderr.",
            "SIGTERM drains: new sessions are refused, and open ones end when idle, at the latest after "
                + "--drain. A second SIGTERM stops at once. SIGHUP or a changed policy file reloads.",
        ],
        options: [
            Option(
                "listen", "HOST:PORT",
                "Where clients connect; port 0 takes a free one. Default: 127.0.0.1:8080."),
            Option(
                "admin", "HOST:PORT|off",
                "The port of metrics, inspector and health checks. Default: 127.0.0.1:8081."),
            Option(
                "admin-token", "FILE", .file,
                "The file with the admin port's token; required if others can reach the port."),
            Option(
                "tls", "auto|off|CERT.pem,KEY.pem", .file,
                "The certificate for clients. auto makes a development certificate for loopback; off "
                    + "is for use behind something that terminates TLS. Default: auto."),
            policies, data,
            Option(
                "ledger", "sqlite|off|postgres://USER@HOST/DATABASE",
                "Where sessions are recorded: ledger.db in --data, nowhere, or a PostgreSQL that "
                    + "several nodes may share; service=NAME is one of pg_service.conf. Default: "
                    + "sqlite."),
            ledgerPassword,
            Option(
                "ledger-required", oneOf: ["yes", "no"],
                "Whether a PostgreSQL must answer at the start. While it does not, sessions are "
                    + "recorded in --data. Default: yes."),
            Option(
                "state-key", "FILE", .file,
                "What conversations are encrypted with that other nodes may go on with: a key per "
                    + "line, as `openssl rand -hex 32` prints it. The first encrypts, all decrypt."),
            Option(
                "node", "NAME",
                "This node's name among those with one ledger. Default: the address of --listen."),
            Option(
                "retention", "DAYS",
                "How long they are kept: 30d, or off to keep them forever. Default: 90d."),
            Option("workers", "N", "Threads that serve sessions. Default: one per core."),
            Option(
                "memory", "SIZE",
                "The process's memory limit: 2GiB. Default: four fifths of what is available."),
            Option(
                "drain", "TIME", "How long sessions may take to finish after SIGTERM. Default: 30s."
            ),
            Option(
                "balancers", "NETWORK,...",
                "Balancers whose X-Forwarded-For and PROXY headers are trusted: "
                    + "10.0.0.0/8,192.0.2.7."),
            Option(
                "take-over", "Replaces the server that uses --data now, without downtime."),
            Option(
                "log-level", oneOf: ["error", "warning", "info", "debug"],
                "The least severe level to log. Default: info."),
            Option(
                "log-format", oneOf: ["text", "json"], "The format of log lines. Default: text."),
        ],
        examples: [
            Example("turnkeeper serve", "for this machine, with the policies in Policies"),
            Example(
                "turnkeeper serve --listen 0.0.0.0:8443 --tls server.pem,server-key.pem",
                "for other machines"),
            Example("turnkeeper serve --listen 0.0.0.0:8080 --tls off", "behind a balancer"),
        ])

    static let simulate = Command(
        "simulate", summary: "plays Gemini Live, and misbehaves on request",
        [
            "As strict as the service is known to be, with audible speech; needs no account. "
                + "GET /simulator/record returns what it heard."
        ],
        options: [
            Option("listen", "HOST:PORT", "Where clients connect. Default: 127.0.0.1:8082."),
            scenario, scale,
            Option(
                "seed", "N",
                "Seed of its random numbers: the same seed, the same faults. Default: 1."),
            Option(
                "data", "DIR", .directory,
                "Where its certificate is; the one of serve works, too. Default: .turnkeeper."),
        ],
        examples: [
            Example(
                "turnkeeper simulate --scenario internal-error", "closes every answer with 1011"),
            Example("turnkeeper simulate --scenario bad-day.yaml --seed 7", "your own faults"),
        ])

    static let demo = Command(
        "demo", summary: "plays a faulty conversation, and shows what was prevented",
        [
            "Simulator, proxy and a speaking client in one process. The scenario of a user's report is "
                + "played without the proxy and with it, side by side."
        ],
        options: [scenario, scale],
        examples: [
            Example("turnkeeper demo", "every ordering fault"),
            Example("turnkeeper demo --scenario 002-alias-storm", "a user's report, twice"),
        ])
}

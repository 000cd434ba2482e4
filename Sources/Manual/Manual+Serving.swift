// Commands that serve sessions, or play somebody who takes part in one.
extension Manual {
    static let policies = Option(
        "policies", "DIR", .directory,
        "The policies: one YAML file per tenant. Policies, if it is there, unless given.")
    static let data = Option(
        "data", "DIR", .directory,
        "Where ledger, recordings and certificates are. .turnkeeper unless given.")
    static let scale = Option(
        "scale", "NUMBER", "Multiplies the scenario's lengths of time: 0.1 is ten times as fast.")
    static let scenario = Option(
        "scenario", "FILE|NAME", .file,
        "What is to go wrong: a built-in name, or a YAML file. All goes well unless given.")
    static let json = Option("json", "Prints JSON.")
    static let csv = Option("csv", "Prints comma-separated values, for a spreadsheet.")

    static let serve = Command(
        "serve", summary: "stands between clients and gemini",
        [
            "Prints `listening on ADDRESS` and `admin on ADDRESS` once connections are accepted. "
                + "Logs go to stderr.",
            "SIGTERM drains: no new sessions, and those that run leave when idle, after --drain at "
                + "the latest. A second one stops at once. SIGHUP, or a changed policy file, reloads.",
        ],
        options: [
            Option(
                "listen", "HOST:PORT",
                "Where clients connect. 127.0.0.1:8080 unless given; port 0 takes a free one."),
            Option(
                "admin", "HOST:PORT|off",
                "Where metrics, inspector and health checks are. 127.0.0.1:8081 unless given."),
            Option(
                "admin-token", "FILE", .file,
                "Holds what visitors of the admin port present; needed where others can reach it."),
            Option(
                "tls", "auto|off|CERT.pem,KEY.pem", .file,
                "What clients are shown. auto, which goes without saying, makes a development "
                    + "certificate for loopback; off is for use behind something that speaks TLS."),
            policies, data,
            Option(
                "ledger", oneOf: ["sqlite", "off"],
                "Whether sessions are kept in ledger.db of --data. sqlite unless given."),
            Option(
                "retention", "DAYS",
                "How long: 30d, or off for ever. 90d unless given."),
            Option("workers", "N", "Threads that serve sessions. One per core unless given."),
            Option(
                "memory", "SIZE",
                "Bound of the process: 2GiB. Four fifths of what there is unless given."),
            Option(
                "drain", "TIME", "What sessions have to finish after SIGTERM. 30s unless given."),
            Option(
                "balancers", "NETWORK,...",
                "Whose X-Forwarded-For names the client: 10.0.0.0/8,192.0.2.7."),
            Option(
                "take-over", "In place of the server that has --data now, without a gap."),
            Option(
                "log-level", oneOf: ["error", "warning", "info", "debug"],
                "What is worth a line. info unless given."),
            Option("log-format", oneOf: ["text", "json"], "How a line looks. text unless given."),
        ],
        examples: [
            Example("turnkeeper serve", "for this machine, with what --policies says"),
            Example(
                "turnkeeper serve --listen 0.0.0.0:8443 --tls server.pem,server-key.pem",
                "for others"),
            Example("turnkeeper serve --listen 0.0.0.0:8080 --tls off", "behind a balancer"),
        ])

    static let simulate = Command(
        "simulate", summary: "plays Gemini Live, and misbehaves on request",
        [
            "As strict as the service is known to be, with audible speech, and no account is needed. "
                + "What it heard is at /simulator/record."
        ],
        options: [
            Option("listen", "HOST:PORT", "Where. 127.0.0.1:8082 unless given."),
            scenario, scale,
            Option("seed", "N", "Of its dice: the same one, the same trouble. 1 unless given."),
            Option(
                "data", "DIR", .directory,
                "Where its certificate is; serve's serves both. .turnkeeper unless given."),
        ],
        examples: [
            Example("turnkeeper simulate --scenario internal-error", "closes 1011 now and then"),
            Example("turnkeeper simulate --scenario bad-day.yaml --seed 7", "your own trouble"),
        ])

    static let demo = Command(
        "demo", summary: "plays a faulty conversation, and says what was prevented",
        [
            "Simulator, proxy and a speaking client in one process. The story of a report is played "
                + "without the proxy and with it, side by side."
        ],
        options: [scenario, scale],
        examples: [
            Example("turnkeeper demo", "every fault of order there is"),
            Example("turnkeeper demo --scenario 002-alias-storm", "a report, twice"),
        ])
}

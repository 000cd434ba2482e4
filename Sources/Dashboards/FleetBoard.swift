import Metrics

extension Board {
    /// Is everything healthy, and if not, on which side is it?
    static let fleet = Board(
        name: "fleet", title: "Turnkeeper / Fleet",
        description: "Is everything healthy, and if not, whose fault: ours, gemini's, clients'?",
        rows: [
            Row("Now", now),
            Row("Conversations", conversations),
            Row("Gemini", gemini),
            Row("Recovery", recovery),
            Row("Clients", clients),
        ])

    private static let now: [Panel] = [
        .number(
            "Sessions", .count, "Sessions open now, on all nodes.", "sum(\(.sessionsActive))"),
        .number(
            "Turns answered", .share,
            "Share of ended turns that were answered, interrupted or correctly silent.",
            """
            1 - sum(rate(\(.turns, #"outcome="lost""#)[\(.window)])) \
            / clamp_min(sum(rate(\(.turns)[\(.window)])), 1e-9)
            """),
        .number(
            "First sound, p95", .seconds,
            "95 of 100 users wait no longer than this between their last word and the first sound.",
            "histogram_quantile(0.95, sum by (le) (rate(\(.firstAudio, .bucket)[\(.window)])))"),
        .number(
            "Added by the proxy, p99", .seconds,
            "From the kernel's notice that bytes have arrived to the last byte forwarded.",
            "histogram_quantile(0.99, sum by (le) (rate(\(.forward, .bucket)[\(.window)])))"),
        .number(
            "Spending", .dollars, "US dollars per hour, at the current rate.",
            "sum(rate(\(.cost)[\(.window)])) * 3600"),
        .number("Nodes", .count, "Processes that answer scrapes.", "count(\(.build))"),
    ]

    private static let conversations: [Panel] = [
        .lines(
            "Sessions open", .count, "By model; `unknown` are those that have not sent a setup.",
            [("sum by (model) (\(.sessionsActive))", "{{model}}")]),
        .stack(
            "Sessions ended", .perSecond,
            "By outcome. `gemini_closed` and `unanswered` are gemini's side, `refused` is the client's.",
            [("sum by (outcome) (rate(\(.sessions)[\(.window)]))", "{{outcome}}")]),
        .stack(
            "Turns ended", .perSecond, "By outcome; `lost` is what users complain about.",
            [("sum by (outcome) (rate(\(.turns)[\(.window)]))", "{{outcome}}")]),
        .lines(
            "First sound", .seconds, "From the end of the user's turn to the first sound.",
            quantiles(of: .firstAudio)),
        .heatmap(
            "First sound, all of them", .seconds,
            "Two clouds mean two kinds of turns: with and without a tool, or two models.",
            width: 16,
            "sum by (le) (increase(\(.firstAudio, .bucket)[\(.window)]))"),
    ]

    private static let gemini: [Panel] = [
        .stack(
            "Closed by gemini", .perSecond, "By the cause in the close reason.",
            [("sum by (class) (rate(\(.geminiCloses)[\(.window)]))", "{{class}}")]),
        .stack(
            "Stalled turns", .perSecond, "By the kind of silence.",
            [("sum by (kind) (rate(\(.stalls)[\(.window)]))", "{{kind}}")]),
        .lines(
            "Round trip to gemini", .seconds, "For pings on open connections.",
            quantiles(of: .geminiRoundTrip)),
    ]

    private static let recovery: [Panel] = [
        .stack(
            "Reconnects", .perSecond,
            "Attempts to replace a connection to gemini, by result.",
            [("sum by (result) (rate(\(.reconnects)[\(.window)]))", "{{result}}")]),
        .stack(
            "Why reconnected", .perSecond, "The trouble that led to a new connection.",
            [("sum by (reason) (rate(\(.reconnects)[\(.window)]))", "{{reason}}")]),
        .lines(
            "Recovery", .seconds, "From trouble to the model's next output.",
            quantiles(of: .recovery)),
        .stack(
            "Nudges", .perSecond, "Whether the model spoke after them.",
            [
                (
                    #"sum by (result) (rate(\#(.nudges, #"result!="sent""#)[\#(.window)]))"#,
                    "{{result}}"
                )
            ]),
        .lines(
            "Models avoided", .flag, "1 while new sessions avoid the model because it fails.",
            [("max by (model) (\(.breakerOpen))", "{{model}}")]),
        .lines(
            "Reconnects that failed", .share, "Share of all attempts, by model.",
            [
                (
                    """
                    (sum by (model) (rate(\(.reconnects, #"result=~"failed|gave_up""#)[\(.window)])) \
                    or 0 * sum by (model) (rate(\(.reconnects)[\(.window)]))) \
                    / clamp_min(sum by (model) (rate(\(.reconnects)[\(.window)])), 1e-9)
                    """, "{{model}}"
                )
            ]),
        .stack(
            "Warm connections", .perSecond,
            "Connections to gemini opened in advance (`upstream.warm`). `taken`: a session began on it. `expired`: none came in time. `failed`: gemini refused or ended it, or spoke first.",
            [("sum by (outcome) (rate(\(.warm)[\(.window)]))", "{{outcome}}")]),
    ]

    private static let clients: [Panel] = [
        .stack(
            "Clients closed", .perSecond, "By close code and who ended the session.",
            [("sum by (code, by) (rate(\(.clientCloses)[\(.window)]))", "{{code}} by {{by}}")]),
        .stack(
            "Clients refused", .perSecond,
            "Before they had a session, by code and reason. A wrong key is `key`.",
            [("sum by (code, reason) (rate(\(.refusals)[\(.window)]))", "{{code}} {{reason}}")]),
        .stack(
            "REST requests", .perSecond,
            "By outcome. `unanswered`: gemini was not reached, was silent for `upstream.rest_silence`, or broke off.",
            [("sum by (outcome) (rate(\(.restRequests)[\(.window)]))", "{{outcome}}")]),
        .stack(
            "Rules applied", .perSecond, "Client mistakes that were corrected.",
            [("sum by (rule) (rate(\(.rules, #"mode="enforce""#)[\(.window)]))", "{{rule}}")]),
        .stack(
            "Tool calls", .perSecond,
            "Calls without an answer or a cancellation point to the client.",
            [("sum by (result) (rate(\(.toolCalls)[\(.window)]))", "{{result}}")]),
    ]

    /// One line per latency quantile.
    static func quantiles(of metric: Metric) -> [(Query, String)] {
        [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")].map { quantile, name in
            (
                "histogram_quantile(\(quantile), sum by (le) (rate(\(metric, .bucket)[\(.window)])))",
                name
            )
        }
    }
}

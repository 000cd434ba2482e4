import Metrics

extension Board {
    /// Is everything well, and if not, on which side is it?
    static let fleet = Board(
        name: "fleet", title: "Turnkeeper / Fleet",
        description: "Is everything well, and if not, on which side: ours, gemini's, the clients'?",
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
            "Of the turns that ended, how many were answered, interrupted or rightly silent.",
            """
            1 - sum(rate(\(.turns, #"outcome="lost""#)[\(.window)])) \
            / clamp_min(sum(rate(\(.turns)[\(.window)])), 1e-9)
            """),
        .number(
            "First sound, p95", .seconds,
            "What 95 of 100 users wait at most between their last word and the first sound.",
            "histogram_quantile(0.95, sum by (le) (rate(\(.firstAudio, .bucket)[\(.window)])))"),
        .number(
            "Added by the proxy, p99", .seconds,
            "From the kernel's word that bytes are there to the last byte passed on.",
            "histogram_quantile(0.99, sum by (le) (rate(\(.forward, .bucket)[\(.window)])))"),
        .number(
            "Spending", .dollars, "US dollars an hour, at the pace of now.",
            "sum(rate(\(.cost)[\(.window)])) * 3600"),
        .number("Nodes", .count, "Processes that answer scrapes.", "count(\(.build))"),
    ]

    private static let conversations: [Panel] = [
        .lines(
            "Sessions open", .count, "By model; `unknown` are those that have not sent a setup.",
            [("sum by (model) (\(.sessionsActive))", "{{model}}")]),
        .stack(
            "Sessions ended", .perSecond,
            "By outcome. `gemini_closed` and `unreachable` are gemini's side, `client_fault` is the client's.",
            [("sum by (outcome) (rate(\(.sessions)[\(.window)]))", "{{outcome}}")]),
        .stack(
            "Turns ended", .perSecond, "By outcome; `lost` is what users complain of.",
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
            "Closed by gemini", .perSecond, "By what the close reason was about.",
            [("sum by (class) (rate(\(.geminiCloses)[\(.window)]))", "{{class}}")]),
        .stack(
            "Stalled turns", .perSecond, "By the kind of silence.",
            [("sum by (kind) (rate(\(.stalls)[\(.window)]))", "{{kind}}")]),
        .lines(
            "Round trip to gemini", .seconds, "Of pings on open connections.",
            quantiles(of: .geminiRoundTrip)),
    ]

    private static let recovery: [Panel] = [
        .stack(
            "Reconnects", .perSecond,
            "Connections to gemini that were replaced, or not, by result.",
            [("sum by (result) (rate(\(.reconnects)[\(.window)]))", "{{result}}")]),
        .stack(
            "Why reconnected", .perSecond, "The trouble that a new connection answered.",
            [("sum by (reason) (rate(\(.reconnects)[\(.window)]))", "{{reason}}")]),
        .lines(
            "Recovery", .seconds, "From trouble seen to the next output of the model.",
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
            "Reconnects that failed", .share, "Of all that were tried, by model.",
            [
                (
                    """
                    (sum by (model) (rate(\(.reconnects, #"result=~"failed|gave_up""#)[\(.window)])) \
                    or 0 * sum by (model) (rate(\(.reconnects)[\(.window)]))) \
                    / clamp_min(sum by (model) (rate(\(.reconnects)[\(.window)])), 1e-9)
                    """, "{{model}}"
                )
            ]),
    ]

    private static let clients: [Panel] = [
        .stack(
            "Clients closed", .perSecond, "By close code and who ended the session.",
            [("sum by (code, by) (rate(\(.clientCloses)[\(.window)]))", "{{code}} by {{by}}")]),
        .stack(
            "Clients refused", .perSecond,
            "Before they had a session: what they were told, and why. A wrong key is `key`.",
            [("sum by (code, reason) (rate(\(.refusals)[\(.window)]))", "{{code}} {{reason}}")]),
        .stack(
            "Rules applied", .perSecond, "What clients did wrong, and was put right.",
            [("sum by (rule) (rate(\(.rules, #"mode="enforce""#)[\(.window)]))", "{{rule}}")]),
        .stack(
            "Tool calls", .perSecond,
            "Calls without an answer or a cancellation are the client's to look at.",
            [("sum by (result) (rate(\(.toolCalls)[\(.window)]))", "{{result}}")]),
    ]

    /// A line for each of the quantiles that latencies are read by.
    static func quantiles(of metric: Metric) -> [(Query, String)] {
        [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")].map { quantile, name in
            (
                "histogram_quantile(\(quantile), sum by (le) (rate(\(metric, .bucket)[\(.window)])))",
                name
            )
        }
    }
}

import Metrics

extension Board {
    /// What happens inside conversations, by model.
    static let sessions = Board(
        name: "sessions", title: "Turnkeeper / Sessions",
        description: "What happens inside conversations: turns, traffic, rules, closes.",
        rows: [
            Row("Turns", turns),
            Row("Traffic", traffic),
            Row("Trouble", trouble),
            Row("Over the time shown", lists),
        ])

    private static let turns: [Panel] = [
        .lines(
            "Turns a minute", .count, "By model: how active conversations are.",
            [("sum by (model) (rate(\(.turns)[\(.window)])) * 60", "{{model}}")]),
        .lines(
            "Turns lost", .share, "By model, as a share of ended turns.",
            [
                (
                    """
                    sum by (model) (rate(\(.turns, #"outcome="lost""#)[\(.window)])) \
                    / clamp_min(sum by (model) (rate(\(.turns)[\(.window)])), 1e-9)
                    """, "{{model}}"
                )
            ]),
        .lines(
            "Turns interrupted", .share,
            "By model. Users interrupt answers that are long or wrong.",
            [
                (
                    """
                    sum by (model) (rate(\(.turns, #"outcome="interrupted""#)[\(.window)])) \
                    / clamp_min(sum by (model) (rate(\(.turns)[\(.window)])), 1e-9)
                    """, "{{model}}"
                )
            ]),
        .lines(
            "First sound, p95, by model", .seconds,
            "Compare models here before you name a fallback.",
            [
                (
                    """
                    histogram_quantile(0.95, \
                    sum by (le, model) (rate(\(.firstAudio, .bucket)[\(.window)])))
                    """, "{{model}}"
                )
            ]),
        .lines(
            "Turns per session", .count, "For ended sessions: few turns mean that people give up.",
            [
                (
                    """
                    sum(rate(\(.turns)[\(.window)])) \
                    / clamp_min(sum(rate(\(.sessions)[\(.window)])), 1e-9)
                    """, "turns"
                )
            ]),
        .stack(
            "Sound", .count,
            "Seconds of sound per second: how many people, and how many models, speak at once.",
            [("sum by (peer) (rate(\(.audio)[\(.window)]))", "{{peer}}")]),
    ]

    private static let traffic: [Panel] = [
        .stack(
            "Messages of clients", .perSecond, "By kind.",
            [
                (
                    #"sum by (kind) (rate(\#(.messages, #"peer="client""#)[\#(.window)]))"#,
                    "{{kind}}"
                )
            ]),
        .stack(
            "Messages of gemini", .perSecond, "By kind.",
            [
                (
                    #"sum by (kind) (rate(\#(.messages, #"peer="gemini""#)[\#(.window)]))"#,
                    "{{kind}}"
                )
            ]),
        .lines(
            "Bytes", .bytesPerSecond, "Payload, by peer and by direction as seen from the proxy.",
            [("sum by (peer, direction) (rate(\(.bytes)[\(.window)]))", "{{peer}} {{direction}}")]),
    ]

    private static let trouble: [Panel] = [
        .stack(
            "Sessions that ended badly", .perSecond, "Everything but `completed` and `stopped`.",
            [
                (
                    """
                    sum by (outcome) (rate(\
                    \(.sessions, #"outcome!~"completed|stopped""#)[\(.window)]))
                    """, "{{outcome}}"
                )
            ]),
        .stack(
            "Rules by mode", .perSecond,
            "In mode `observe`: what would be corrected if the rule were enforced.",
            [("sum by (rule, mode) (rate(\(.rules)[\(.window)]))", "{{rule}} ({{mode}})")]),
        .lines(
            "Bytes held", .bytes, "Held by rules, kept for replay, or waiting for a slow reader.",
            [("sum by (model) (\(.buffered))", "{{model}}")]),
    ]

    private static let lists: [Panel] = [
        .table(
            "Closes by gemini", .count, "By code and the reason's class; a code has many causes.",
            width: 8,
            [("sum by (code, class) (increase(\(.geminiCloses)[\(.range)]))", "closes")]),
        .table(
            "Closes of clients", .count, "By close code and who ended the session.", width: 8,
            [("sum by (code, by) (increase(\(.clientCloses)[\(.range)]))", "closes")]),
        .table(
            "Stalls", .count, "By model and kind of silence.", width: 8,
            [("sum by (model, kind) (increase(\(.stalls)[\(.range)])) > 0", "stalls")]),
    ]
}

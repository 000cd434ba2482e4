import Metrics

extension Board {
    /// Who uses how much, at what price, with what success.
    static let tenants = Board(
        name: "tenants", title: "Turnkeeper / Tenants and cost",
        description: "Who uses how much, at what price, and with what success.",
        rows: [
            Row("Money", money),
            Row("Tokens", tokens),
            Row("Service", service),
            Row("Over the time shown", list),
        ])

    private static let money: [Panel] = [
        .number(
            "Spent", .dollars, "US dollars, over the time shown.", width: 6,
            "sum(increase(\(.cost)[\(.range)]))"),
        .number(
            "Pace", .dollars, "US dollars per hour, at the current rate.", width: 6,
            "sum(rate(\(.cost)[\(.window)])) * 3600"),
        .number(
            "A session costs", .dollars, "US dollars, on average.", width: 6,
            """
            sum(increase(\(.cost)[\(.range)])) \
            / clamp_min(sum(increase(\(.sessions)[\(.range)])), 1e-9)
            """),
        .number(
            "A minute of answers costs", .dollars, "US dollars per minute of the model's speech.",
            width: 6,
            """
            60 * sum(increase(\(.cost)[\(.range)])) \
            / clamp_min(sum(increase(\(.audio, #"peer="gemini""#)[\(.range)])), 1e-9)
            """),
        .stack(
            "Spending by tenant", .dollars, "US dollars per hour, at the current rate.",
            width: 12,
            [("sum by (tenant) (rate(\(.cost)[\(.window)])) * 3600", "{{tenant}}")]),
        .stack(
            "Spending by model", .dollars, "US dollars per hour, at the current rate.",
            width: 12,
            [("sum by (model) (rate(\(.cost)[\(.window)])) * 3600", "{{model}}")]),
    ]

    private static let tokens: [Panel] = [
        .stack(
            "Prompt tokens", .perSecond,
            "By modality. Every turn is billed with its whole context again, so this grows with session length.",
            [
                (
                    #"sum by (modality) (rate(\#(.tokens, #"direction="prompt""#)[\#(.window)]))"#,
                    "{{modality}}"
                )
            ]),
        .stack(
            "Response tokens", .perSecond, "By modality; thoughts are billed as well.",
            [
                (
                    #"sum by (modality) (rate(\#(.tokens, #"direction="response""#)[\#(.window)]))"#,
                    "{{modality}}"
                )
            ]),
        .lines(
            "Tokens that are estimates", .share,
            "Share of the tenant's tokens that gemini left out of its reports.",
            [
                (
                    """
                    sum by (tenant) (rate(\(.tokens, #"source="estimated""#)[\(.window)])) \
                    / clamp_min(sum by (tenant) (rate(\(.tokens)[\(.window)])), 1e-9) \
                    or sum by (tenant) (rate(\(.tokens)[\(.window)])) * 0
                    """, "{{tenant}}"
                )
            ]),
    ]

    private static let service: [Panel] = [
        .lines(
            "Turns lost", .share, "By tenant, as a share of ended turns.",
            [
                (
                    """
                    sum by (tenant) (rate(\(.turns, #"outcome="lost""#)[\(.window)])) \
                    / clamp_min(sum by (tenant) (rate(\(.turns)[\(.window)])), 1e-9)
                    """, "{{tenant}}"
                )
            ]),
        .lines(
            "First sound, p95", .seconds, "By tenant.",
            [
                (
                    """
                    histogram_quantile(0.95, \
                    sum by (le, tenant) (rate(\(.firstAudio, .bucket)[\(.window)])))
                    """, "{{tenant}}"
                )
            ]),
        .stack(
            "Rules applied", .perSecond, "By tenant: whose client sends invalid input.",
            [
                (
                    #"sum by (tenant) (rate(\#(.rules, #"mode="enforce""#)[\#(.window)]))"#,
                    "{{tenant}}"
                )
            ]),
        .stack(
            "Closed by gemini", .perSecond, "By tenant and cause: key, quota, setup.",
            [
                (
                    "sum by (tenant, class) (rate(\(.geminiCloses)[\(.window)]))",
                    "{{tenant}} {{class}}"
                )
            ]),
        .lines(
            "Sessions open", .count, "By tenant; compare with `limits.sessions`.",
            [("sum by (tenant) (\(.sessionsActive))", "{{tenant}}")]),
        .stack(
            "Limits met", .perSecond,
            "By tenant and policy key: what was refused or ended because of it.",
            [("sum by (tenant, limit) (rate(\(.limits)[\(.window)])) > 0", "{{tenant}} {{limit}}")]),
        .stack(
            "Bytes held", .bytes, "By tenant.",
            [("sum by (tenant) (\(.buffered))", "{{tenant}}")]),
    ]

    private static let list: [Panel] = [
        .table(
            "Tenants", .count, "One row per tenant and model.",
            [
                ("sum by (tenant, model) (increase(\(.sessions)[\(.range)]))", "sessions"),
                ("sum by (tenant, model) (increase(\(.turns)[\(.range)]))", "turns"),
                (
                    """
                    sum by (tenant, model) (increase(\
                    \(.turns, #"outcome="lost""#)[\(.range)]))
                    """, "lost"
                ),
                ("sum by (tenant, model) (increase(\(.tokens)[\(.range)]))", "tokens"),
                ("sum by (tenant, model) (increase(\(.cost)[\(.range)]))", "dollars"),
            ])
    ]
}

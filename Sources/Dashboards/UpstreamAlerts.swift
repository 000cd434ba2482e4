import Basics
import Metrics

extension Alert {
    /// Failures on gemini's side.
    static let upstream = [
        unreachable, closes, credential, quota, model, far,
    ]

    private static let unreachable = Alert(
        "GeminiUnreachable", .page,
        "More than 10 % of the sessions of {{ $labels.tenant }} get no answer from gemini",
        lasting: .seconds(120),
        """
        sum by (tenant) (rate(\(.sessions, #"outcome="unanswered""#)[\(.window)])) \
        / sum by (tenant) (rate(\(.sessions)[\(.window)])) > 0.1
        """,
        Runbook(
            """
            No connection could be opened: routing, DNS or TLS failed, the upgrade got 429 or 5xx, or there was no answer within \
            `upstream.connect`. Or one was open, and every attempt that the policy allows failed.
            """,
            look: [
                "The log's lines `session ended` with `outcome=unanswered`: `gemini_reason`, and the client's reason, say what failed.",
                "One tenant or all? One: its `upstream`. All: the network, DNS, or Google.",
                "`curl -v` to the host of `upstream.url` from the same machine.",
            ],
            act: [
                "HTTP 401 or 403: follow [CredentialRefused](#credentialrefused).",
                "TLS: check the machine's certificates (`ca-certificates`) or `upstream.ca_file`.",
                "Otherwise use another region or provider in `upstream.url`; a reload is enough.",
            ]),
        Proof(
            fires: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+4x60"),
                Sample(.sessions, acme + #",outcome="unanswered""#, "0+1x60"),
            ],
            isQuiet: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+40x60"),
                Sample(.sessions, acme + #",outcome="unanswered""#, "0+1x60"),
            ], labels: [(name: "tenant", value: "acme")]))

    private static let closes = Alert(
        "GeminiEndsSessions", .page,
        "Gemini ends more than 5 % of the sessions of {{ $labels.model }}, and no remedy helped",
        lasting: .seconds(300),
        """
        sum by (model) (rate(\(.sessions, #"outcome=~"gemini_closed|unanswered""#)[\(.window)])) \
        / sum by (model) (rate(\(.sessions)[\(.window)])) > 0.05
        """,
        Runbook(
            """
            Clients were cut off because gemini closed, or was silent for `upstream.dead`, and the session could not be moved \
            to another connection.
            """,
            look: [
                "Sessions board, *Closes by gemini*: the class gives the cause; `internal` and `unavailable` are Google's.",
                "Fleet board, *Reconnects*: `failed` means that remedies were tried without success.",
                "`turnkeeper sessions show ID`: the last messages before the close. `invalid` right after one kind of message points to the client, or to a rule that is off.",
            ],
            act: [
                "`internal`, `unavailable`, `deadline`: name a sibling in `models.fallback`.",
                "`invalid`: enable the rule that would have prevented it; `observe` shows which one.",
                "`credential`, `quota`, `model`, `region`: see their own alerts below.",
            ]),
        Proof(
            fires: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+9x60"),
                Sample(.sessions, acme + #",outcome="gemini_closed""#, "0+1x60"),
            ],
            isQuiet: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+99x60"),
                Sample(.sessions, acme + #",outcome="gemini_closed""#, "0+1x60"),
            ], labels: [(name: "model", value: "gemini-live")]))

    private static let credential = Alert(
        "CredentialRefused", .page, "Gemini refuses the API key of {{ $labels.tenant }}",
        lasting: .seconds(60),
        "sum by (tenant) (rate(\(.geminiCloses, #"class="credential""#)[\(.window)])) > 0",
        Runbook(
            "The key was revoked, has expired, or is not allowed to use the Live API. Every session of the tenant fails.",
            look: [
                "`turnkeeper explain --tenant T --model M`: what `upstream.key` refers to, or whether the client's own key is passed on.",
                "The age of that file or variable.",
            ],
            act: [
                "Put the new key where the reference points and send SIGHUP; the next session uses it.",
                "If it is the client's own key, tell the tenant.",
            ]),
        closeProof("1008", "credential"))

    private static let quota = Alert(
        "QuotaExhausted", .ticket, "Gemini's quota for {{ $labels.tenant }} is exhausted",
        lasting: .seconds(120),
        "sum by (tenant) (rate(\(.geminiCloses, #"class="quota""#)[\(.window)])) > 0",
        Runbook(
            "Gemini closed with a reason that mentions quota: sessions, requests or tokens per minute, of the project behind the key. Retrying soon makes it worse, so the proxy waits.",
            look: [
                "Tenants board: did this tenant's sessions or tokens jump, or does somebody else use the same project?",
                "The quota page of the project behind the key.",
            ],
            act: [
                "Request more quota, or give large tenants their own project and key.",
                "Until then, the tenant's `limits.sessions` protects the others.",
            ]),
        closeProof("1011", "quota"))

    private static let model = Alert(
        "ModelRefused", .ticket, "Gemini does not know a model that {{ $labels.tenant }} requests",
        lasting: .seconds(120),
        "sum by (tenant) (rate(\(.geminiCloses, #"class="model""#)[\(.window)])) > 0",
        Runbook(
            "The model was withdrawn, is misspelt, or is not offered in the region or to this key.",
            look: [
                "The log's lines `session ended` with `gemini_reason` about a model: which model, and which client."
            ],
            act: [
                "`models.pin: { old: new }` serves old clients from the next session on.",
                "Tell the tenant; Google announces withdrawals weeks ahead.",
            ]),
        closeProof("1008", "model"))

    private static let far = Alert(
        "GeminiFarAway", .ticket, "Pings to gemini take more than half a second",
        lasting: .seconds(900),
        """
        histogram_quantile(0.9, sum by (le) (rate(\(.geminiRoundTrip, .bucket)[\(.window)]))) \
        > 0.5
        """,
        Runbook(
            "Another continent is 150 ms away. Half a second means packet loss, or another proxy in between.",
            look: [
                "Fleet board, *Round trip to gemini*: since when, and in all quantiles or only the upper ones?",
                "`mtr` to the host of `upstream.url`.",
            ],
            act: ["Ask the network's operator, or serve from another location."]),
        Proof(
            fires: [
                Sample(.geminiRoundTrip, .bucket, acme + #",le="0.5""#, "0+10x60"),
                Sample(.geminiRoundTrip, .bucket, acme + #",le="1""#, "0+20x60"),
                Sample(.geminiRoundTrip, .bucket, acme + #",le="+Inf""#, "0+20x60"),
            ],
            isQuiet: [
                Sample(.geminiRoundTrip, .bucket, acme + #",le="0.1""#, "0+19x60"),
                Sample(.geminiRoundTrip, .bucket, acme + #",le="+Inf""#, "0+20x60"),
            ]))

    private static func closeProof(_ code: String, _ name: String) -> Proof {
        Proof(
            fires: [Sample(.geminiCloses, acme + #",code="\#(code)",class="\#(name)""#, "0+1x60")],
            isQuiet: [Sample(.geminiCloses, acme + #",code="1000",class="normal""#, "0+9x60")],
            labels: [(name: "tenant", value: "acme")])
    }
}

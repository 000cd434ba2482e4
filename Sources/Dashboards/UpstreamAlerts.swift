import Basics
import Metrics

extension Alert {
    /// What gemini does to sessions.
    static let upstream = [
        unreachable, closes, credential, quota, model, far,
    ]

    private static let unreachable = Alert(
        "GeminiUnreachable", .page,
        "More than 10 % of the sessions of {{ $labels.tenant }} cannot reach gemini",
        lasting: .seconds(120),
        """
        sum by (tenant) (rate(\(.sessions, #"outcome="unreachable""#)[\(.window)])) \
        / sum by (tenant) (rate(\(.sessions)[\(.window)])) > 0.1
        """,
        Runbook(
            """
            No connection could be opened: no route, no name, no TLS, an HTTP refusal, or no answer within \
            `upstream.connect`.
            """,
            look: [
                "The log's lines `session ended` with `outcome=unreachable`: `gemini_reason`, and the client's reason, say where it failed.",
                "One tenant or all? One: its `upstream`. All: the network, the resolver, the vendor.",
                "`curl -v` to the host of `upstream.url` from the same machine.",
            ],
            act: [
                "HTTP 401 or 403: follow [CredentialRefused](#credentialrefused).",
                "TLS: the machine's certificates (`ca-certificates`) or `upstream.ca_file`.",
                "Otherwise route around it: another region or provider under `upstream.url`; a reload is enough.",
            ]),
        Proof(
            fires: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+4x60"),
                Sample(.sessions, acme + #",outcome="unreachable""#, "0+1x60"),
            ],
            isQuiet: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+40x60"),
                Sample(.sessions, acme + #",outcome="unreachable""#, "0+1x60"),
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
            Clients were cut off because gemini closed, or was silent for `upstream.dead`, and the session could not be carried \
            over to another connection.
            """,
            look: [
                "Sessions board, *Closes by gemini*: the class says what it was about; `internal` and `unavailable` are the vendor's.",
                "Fleet board, *Reconnects*: `failed` means that remedies were tried in vain.",
                "`turnkeeper sessions show ID`: the last messages before the close. `invalid` right after one kind of message is a client's doing, or a rule that is off.",
            ],
            act: [
                "`internal`, `unavailable`, `deadline`: name a sibling under `models.fallback`.",
                "`invalid`: switch the rule on that would have prevented it; `observe` shows which one.",
                "`credential`, `quota`, `model`, `region`: their own alerts below.",
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
                "`turnkeeper explain --tenant T --model M`: which reference `upstream.key` is, or that the client's own key is passed on.",
                "The age of the file or variable that it names.",
            ],
            act: [
                "Put the new key where the reference points; SIGHUP, and the next session uses it.",
                "The client's own key: tell the tenant.",
            ]),
        closeProof("1008", "credential"))

    private static let quota = Alert(
        "QuotaExhausted", .ticket, "Gemini's quota for {{ $labels.tenant }} is used up",
        lasting: .seconds(120),
        "sum by (tenant) (rate(\(.geminiCloses, #"class="quota""#)[\(.window)])) > 0",
        Runbook(
            "Gemini closed with a reason that speaks of quota: sessions, requests or tokens a minute, of the project behind the key. Trying again soon makes it worse, so it is not done.",
            look: [
                "Tenants board: did this tenant's sessions or tokens jump, or has somebody else the same project?",
                "The quota page of the project behind the key.",
            ],
            act: [
                "Ask for more quota, or give large tenants a project and key of their own.",
                "Until then `limits.sessions` of the tenant keeps the others going.",
            ]),
        closeProof("1011", "quota"))

    private static let model = Alert(
        "ModelRefused", .ticket, "Gemini does not know a model that {{ $labels.tenant }} asks for",
        lasting: .seconds(120),
        "sum by (tenant) (rate(\(.geminiCloses, #"class="model""#)[\(.window)])) > 0",
        Runbook(
            "The model was withdrawn, is misspelt, or is not offered in the region or to this key.",
            look: [
                "The log's lines `session ended` with `gemini_reason` about a model: which one, and whose client."
            ],
            act: [
                "`models.pin: { old: new }` answers for old clients from the next session on.",
                "Tell the tenant; the vendor announces withdrawals weeks ahead.",
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
            "Another continent is 150 ms away. Half a second is a line that loses packets, or a proxy of somebody's in between.",
            look: [
                "Fleet board, *Round trip to gemini*: since when, and all quantiles or the upper ones?",
                "`mtr` to the host of `upstream.url`.",
            ],
            act: ["Speak to who runs the network, or serve from elsewhere."]),
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

import Basics
import Metrics

extension Alert {
    /// What users notice.
    static let talking = [turnsLost, firstSoundSlow, clientsAtFault, toolsUnanswered]

    private static let turnsLost = Alert(
        "TurnsLost", .page,
        "Users of {{ $labels.tenant }} get no answer from {{ $labels.model }} in more than 2 % of turns",
        lasting: .seconds(300),
        """
        sum by (tenant, model) (rate(\(.turns, #"outcome="lost""#)[\(.window)])) \
        / sum by (tenant, model) (rate(\(.turns)[\(.window)])) > 0.02 \
        and sum by (tenant, model) (rate(\(.turns)[\(.window)])) > 0.05
        """,
        Runbook(
            """
            People spoke and heard nothing: the model stayed silent, or its connection was lost, and no remedy produced \
            an answer in time. The alert needs at least three turns a minute.
            """,
            look: [
                "Fleet board, *Gemini*: do closes or stalls rise at the same time? Their class and kind name the cause.",
                "Fleet board, *Recovery*: are reconnects attempted, and do they fail?",
                "`turnkeeper sessions list`, then `turnkeeper sessions show ID` for a session with lost turns: the lanes show what each side said last.",
            ],
            act: [
                "One model only: name another in `models.fallback`, or pin one with `models.pin`; both apply from the next session on.",
                "One tenant only: check its rules and its client's newest release.",
                "Everything, with closes of one class: follow that class below; Google's status page may already report it.",
            ]),
        Proof(
            fires: [
                Sample(.turns, acme + #",outcome="answered""#, "0+20x60"),
                Sample(.turns, acme + #",outcome="lost""#, "0+1x60"),
            ],
            isQuiet: [
                Sample(.turns, acme + #",outcome="answered""#, "0+200x60"),
                Sample(.turns, acme + #",outcome="lost""#, "0+1x60"),
            ], labels: acmeLabels))

    private static let firstSoundSlow = Alert(
        "FirstSoundSlow", .ticket,
        "One in 20 users waits more than 3 s for {{ $labels.model }} to speak",
        lasting: .seconds(600),
        """
        histogram_quantile(0.95, sum by (le, model) \
        (rate(\(.firstAudio, .bucket)[\(.window)]))) > 3
        """,
        Runbook(
            """
            The time from the end of the user's turn to the first sound, for the slowest 5 %. People start talking again after one \
            second and give up after a few.
            """,
            look: [
                "Sessions board, *First sound, p95, by model*: one model or all?",
                "Fleet board, *Round trip to gemini* and *Added by the proxy*: is it the network, or the proxy? Both are normally far below a second.",
                "Two clouds in *First sound, all of them*: turns with a tool call wait for the tool.",
                "Tenants board, *Prompt tokens*: long contexts make answers slow.",
            ],
            act: [
                "If it is the model, name a faster one in `models.pin` or `models.fallback`.",
                "If it is the network, serve closer to Google's region.",
                "If it is the proxy, follow [ForwardingSlow](#forwardingslow).",
            ]),
        Proof(
            fires: [
                Sample(.firstAudio, .bucket, acme + #",le="3""#, "0+80x60"),
                Sample(.firstAudio, .bucket, acme + #",le="5""#, "0+100x60"),
                Sample(.firstAudio, .bucket, acme + #",le="+Inf""#, "0+100x60"),
            ],
            isQuiet: [
                Sample(.firstAudio, .bucket, acme + #",le="1""#, "0+99x60"),
                Sample(.firstAudio, .bucket, acme + #",le="+Inf""#, "0+100x60"),
            ], labels: [(name: "model", value: "gemini-live")]))

    private static let clientsAtFault = Alert(
        "ClientsAtFault", .ticket,
        "More than 5 % of the sessions of {{ $labels.tenant }} are refused",
        lasting: .seconds(600),
        """
        sum by (tenant) (rate(\(.sessions, #"outcome="refused""#)[\(.window)])) \
        / sum by (tenant) (rate(\(.sessions)[\(.window)])) > 0.05
        """,
        Runbook(
            """
            A client sent invalid JSON, broke the WebSocket protocol, asked for a model that is not allowed or came with an \
            unknown handle; or gemini refused the upgrade itself, by its status. The usual cause is a new release of an app.
            """,
            look: [
                "Sessions board, *Closes of clients*: 1007 means an unreadable message, 1008 one that is not permitted.",
                "The log's lines `session ended` with `outcome=refused`: `client_reason` gives the cause.",
            ],
            act: [
                "Tell the tenant, with a session id and its reason.",
                "HTTP 401 or 403 from gemini: follow [CredentialRefused](#credentialrefused).",
            ]),
        Proof(
            fires: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+9x60"),
                Sample(.sessions, acme + #",outcome="refused""#, "0+1x60"),
            ],
            isQuiet: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+99x60"),
                Sample(.sessions, acme + #",outcome="refused""#, "0+1x60"),
            ], labels: [(name: "tenant", value: "acme")]))

    private static let toolsUnanswered = Alert(
        "ToolsUnanswered", .ticket,
        "More than 10 % of the tool calls to clients of {{ $labels.tenant }} get no answer",
        lasting: .seconds(900),
        """
        1 - sum by (tenant) (rate(\(.toolCalls, #"result=~"answered|cancelled""#)[\(.window)])) \
        / (sum by (tenant) (rate(\(.toolCalls, #"result="called""#)[\(.window)])) > 0) > 0.1
        """,
        Runbook(
            """
            The model called a function and the client did not respond: the model waits, and so does the user. Calls that were \
            cancelled by an interruption do not count.
            """,
            look: [
                "`turnkeeper sessions show ID`: which tool, and how long other calls took.",
                "Fleet board, *Tool calls*: did answers stop at one moment? Then the tenant's back end probably failed.",
            ],
            act: [
                "Tell the tenant which tool it is; the client should answer with an error rather than not at all."
            ]),
        Proof(
            fires: [
                Sample(.toolCalls, acme + #",result="called""#, "0+10x60"),
                Sample(.toolCalls, acme + #",result="answered""#, "0+8x60"),
            ],
            isQuiet: [
                Sample(.toolCalls, acme + #",result="called""#, "0+10x60"),
                Sample(.toolCalls, acme + #",result="answered""#, "0+9x60"),
                Sample(.toolCalls, acme + #",result="cancelled""#, "0+1x60"),
            ], labels: [(name: "tenant", value: "acme")]))
}

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
            People said something and heard nothing: the model stayed silent, or its connection died, and no remedy brought \
            the answer back in time. Below three turns a minute nothing is concluded.
            """,
            look: [
                "Fleet board, *Gemini*: do closes or stalls rise with it? Their class and kind name the cause.",
                "Fleet board, *Recovery*: are reconnects tried, and do they fail?",
                "`turnkeeper sessions list`, then `turnkeeper sessions show ID` for a session with lost turns: the lanes show the last thing each side said.",
            ],
            act: [
                "One model only: name another under `models.fallback`, or pin one with `models.pin`; both work from the next session on.",
                "One tenant only: look at its rules and its client's newest release.",
                "All of it, with closes of one class: follow that class below; the vendor's status page may already say so.",
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
            From the end of the user's turn to the first sound, for the slowest twentieth. People talk over a pause of one \
            second and give up after a few.
            """,
            look: [
                "Sessions board, *First sound, p95, by model*: one model or all?",
                "Fleet board, *Round trip to gemini* and *Added by the proxy*: is it the line, or us? Both are far below a second when all is well.",
                "Two clouds in *First sound, all of them*: turns with a tool call wait for the tool.",
                "*Prompt tokens* on the tenants board: long contexts answer late.",
            ],
            act: [
                "If it is the model, name a faster one under `models.pin` or `models.fallback`.",
                "If it is the line, serve nearer to the vendor's region.",
                "If it is us, follow [ForwardingSlow](#forwardingslow).",
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
        "More than 5 % of the sessions of {{ $labels.tenant }} end by a fault of the client",
        lasting: .seconds(600),
        """
        sum by (tenant) (rate(\(.sessions, #"outcome="client_fault""#)[\(.window)])) \
        / sum by (tenant) (rate(\(.sessions)[\(.window)])) > 0.05
        """,
        Runbook(
            """
            A client sent what is not JSON, broke the WebSocket protocol or a limit, or did not read what was sent to it. Most \
            often a new release of an app.
            """,
            look: [
                "Sessions board, *Closes of clients*: 1007 is a message that cannot be read, 1009 one too large, 1013 a client that does not read.",
                "The log's lines `session ended` with `outcome=client_fault`: `client_reason` says what it was.",
            ],
            act: [
                "Tell the tenant, with a session's id and its reason.",
                "1009 and 1013 with healthy clients: raise `limits.message` or `limits.buffer` of the tenant.",
            ]),
        Proof(
            fires: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+9x60"),
                Sample(.sessions, acme + #",outcome="client_fault""#, "0+1x60"),
            ],
            isQuiet: [
                Sample(.sessions, acme + #",outcome="completed""#, "0+99x60"),
                Sample(.sessions, acme + #",outcome="client_fault""#, "0+1x60"),
            ], labels: [(name: "tenant", value: "acme")]))

    private static let toolsUnanswered = Alert(
        "ToolsUnanswered", .ticket,
        "More than 10 % of the tool calls to clients of {{ $labels.tenant }} stay without an answer",
        lasting: .seconds(900),
        """
        1 - sum by (tenant) (rate(\(.toolCalls, #"result=~"answered|cancelled""#)[\(.window)])) \
        / (sum by (tenant) (rate(\(.toolCalls, #"result="called""#)[\(.window)])) > 0) > 0.1
        """,
        Runbook(
            """
            The model called a function and the client said nothing: the model waits, and so does the user. Calls that were \
            cancelled by talking over them do not count.
            """,
            look: [
                "`turnkeeper sessions show ID`: which tool, and how long others took.",
                "Fleet board, *Tool calls*: did answers stop at one moment? Then the tenant's back end did.",
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

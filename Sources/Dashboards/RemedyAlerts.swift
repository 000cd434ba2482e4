import Basics
import Metrics

extension Alert {
    /// Remedies, and whether they help.
    static let remedies = [stalls, nudges, reconnects, slow, breaker]

    private static let stalls = Alert(
        "TurnsStall", .ticket, "{{ $labels.model }} stalls in more than 5 % of turns",
        lasting: .seconds(600),
        """
        sum by (model) (rate(\(.stalls)[\(.window)])) \
        / sum by (model) (rate(\(.turns)[\(.window)])) > 0.05
        """,
        Runbook(
            "Turns were not answered within the time that the model's profile allows. Users may not have noticed: see whether remedies helped.",
            look: [
                "Sessions board, *Stalls*: the kind tells the form of silence.",
                "Fleet board, *Nudges* and *Reconnects*: answered and resumed, or not?",
                "After a profile change or a new model release, the profile's times may be too short.",
            ],
            act: [
                "If remedies help, nothing is urgent; report the kind to Google.",
                "`setup_unanswered`, `wedged`: pin, or fall back to, another model.",
                "Times too short: set `stalls.soft` and `stalls.hard`, or write your own profile.",
            ]),
        Proof(
            fires: [
                Sample(.turns, acme + #",outcome="answered""#, "0+20x60"),
                Sample(.stalls, acme + #",kind="no_output""#, "0+2x60"),
            ],
            isQuiet: [
                Sample(.turns, acme + #",outcome="answered""#, "0+200x60"),
                Sample(.stalls, acme + #",kind="no_output""#, "0+2x60"),
            ], labels: [(name: "model", value: "gemini-live")]))

    private static let nudges = Alert(
        "NudgesInVain", .ticket, "Most nudges of {{ $labels.model }} stay unanswered",
        lasting: .seconds(900),
        """
        sum by (model) (rate(\(.nudges, #"result="ignored""#)[\(.window)])) \
        / (sum by (model) (rate(\(.nudges, #"result!="sent""#)[\(.window)])) > 0) > 0.5
        """,
        Runbook(
            "Nudging is the cheapest remedy. If it never helps, it costs tokens and delays the next remedy by seconds.",
            look: ["`turnkeeper sessions show ID`: what happened after the nudges."],
            act: [
                "Try another `stalls.nudge_text`, or `stalls.nudges: 0` for this model's tenants.",
                "The form that the model family accepts may have changed: compare `Policies/models.yaml` with Google's release notes.",
            ]),
        Proof(
            fires: [
                Sample(.nudges, acme + #",result="ignored""#, "0+3x60"),
                Sample(.nudges, acme + #",result="answered""#, "0+1x60"),
            ],
            isQuiet: [
                Sample(.nudges, acme + #",result="ignored""#, "0+1x60"),
                Sample(.nudges, acme + #",result="answered""#, "0+3x60"),
            ], labels: [(name: "model", value: "gemini-live")]))

    private static let reconnects = Alert(
        "ReconnectsFail", .page, "More than 20 % of reconnects to {{ $labels.model }} fail",
        lasting: .seconds(300),
        """
        sum by (model) (rate(\(.reconnects, #"result=~"failed|gave_up""#)[\(.window)])) \
        / (sum by (model) (rate(\(.reconnects)[\(.window)])) > 0) > 0.2
        """,
        Runbook(
            "Connections were lost and new ones could not replace them: clients are being closed.",
            look: [
                "Fleet board, *Why reconnected*, and *Closed by gemini* next to it.",
                "`turnkeeper sessions show ID`: was a handle refused, or was nothing reachable?",
            ],
            act: [
                "Nothing reachable: [GeminiUnreachable](#geminiunreachable).",
                "Handles refused: sessions are rebuilt from the transcript if `recovery.rebuild` is on.",
                "A failing model: `models.fallback`.",
            ]),
        Proof(
            fires: [
                Sample(.reconnects, acme + #",reason="internal",result="resumed""#, "0+2x60"),
                Sample(.reconnects, acme + #",reason="internal",result="failed""#, "0+1x60"),
            ],
            isQuiet: [
                Sample(.reconnects, acme + #",reason="internal",result="resumed""#, "0+9x60"),
                Sample(.reconnects, acme + #",reason="internal",result="failed""#, "0+1x60"),
            ], labels: [(name: "model", value: "gemini-live")]))

    private static let slow = Alert(
        "RecoverySlow", .ticket, "One in 20 recoveries of {{ $labels.model }} takes over 10 s",
        lasting: .seconds(600),
        """
        histogram_quantile(0.95, sum by (le, model) (rate(\(.recovery, .bucket)[\(.window)]))) \
        > 10
        """,
        Runbook(
            "The time from trouble to the model's next output. A normal resume takes about a second; after ten, people hang up.",
            look: [
                "Fleet board, *Recovery* and *Reconnects*: does each need several attempts?",
                "`turnkeeper sessions show ID`: are setups slow?",
            ],
            act: [
                "Use a shorter `recovery.backoff` if late attempts succeed.",
                "Use `models.fallback` if the model itself is slow to start.",
            ]),
        Proof(
            fires: [
                Sample(.recovery, .bucket, acme + #",le="8""#, "0+5x60"),
                Sample(.recovery, .bucket, acme + #",le="13""#, "0+10x60"),
                Sample(.recovery, .bucket, acme + #",le="+Inf""#, "0+10x60"),
            ],
            isQuiet: [
                Sample(.recovery, .bucket, acme + #",le="1""#, "0+10x60"),
                Sample(.recovery, .bucket, acme + #",le="+Inf""#, "0+10x60"),
            ], labels: [(name: "model", value: "gemini-live")]))

    private static let breaker = Alert(
        "ModelAvoided", .ticket, "New sessions avoid {{ $labels.model }} because it fails",
        lasting: .seconds(60), "max by (model) (\(.breakerOpen)) == 1",
        Runbook(
            "The breaker is open: new sessions get the fallback, and one probe a minute tests whether the model works again.",
            look: [
                "Fleet board, *Models avoided*: since when, and does it flap?",
                "Sessions board, *Closes by gemini*: how did it fail?",
            ],
            act: [
                "Nothing, if the fallback works: the model comes back by itself.",
                "If it flaps, pin the fallback until Google has fixed the model.",
            ]),
        Proof(
            fires: [Sample(.breakerOpen, acme, "1x60")],
            isQuiet: [Sample(.breakerOpen, acme, "0x60")],
            labels: [(name: "model", value: "gemini-live")]))
}

import Basics
import Metrics

extension Alert {
    /// What the ladder does, and whether it helps.
    static let remedies = [stalls, nudges, reconnects, slow, breaker]

    private static let stalls = Alert(
        "TurnsStall", .ticket, "{{ $labels.model }} stalls in more than 5 % of turns",
        lasting: .seconds(600),
        """
        sum by (model) (rate(\(.stalls)[\(.window)])) \
        / sum by (model) (rate(\(.turns)[\(.window)])) > 0.05
        """,
        Runbook(
            "Turns did not get the answer they should have had by the clocks of the model's profile. Users may not have noticed: see whether remedies helped.",
            look: [
                "Sessions board, *Stalls*: the kind says which silence it was.",
                "Fleet board, *Nudges* and *Reconnects*: answered and resumed, or not?",
                "After a change of profile or a vendor's release: the clocks may be too tight.",
            ],
            act: [
                "Remedies help: nothing to do now; report the kind to the vendor.",
                "`setup_unanswered`, `wedged`: pin or fall back to another model.",
                "Clocks too tight: `stalls.soft` and `stalls.hard`, or a profile of your own.",
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
            "Nudging is the cheapest remedy. Where it never helps it costs tokens and the seconds until the next remedy.",
            look: ["`turnkeeper sessions show ID`: what came after the nudges."],
            act: [
                "Another `stalls.nudge_text`, or `stalls.nudges: 0` for this model's tenants.",
                "The family's legal form may have changed: compare `Policies/models.yaml` with the vendor's notes.",
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
            "Connections died and new ones could not take over: clients are being closed.",
            look: [
                "Fleet board, *Why reconnected*, and *Closed by gemini* beside it.",
                "`turnkeeper sessions show ID`: was a handle refused, or could nothing be reached?",
            ],
            act: [
                "Nothing reachable: [GeminiUnreachable](#geminiunreachable).",
                "Handles refused: sessions are rebuilt from the transcript where `recovery.rebuild` is on.",
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
            "From trouble seen to the next output of the model. A warm resume takes about a second; ten are a call that people hang up.",
            look: [
                "Fleet board, *Recovery* and *Reconnects*: several attempts for each?",
                "Setups that take long: `turnkeeper sessions show ID`.",
            ],
            act: [
                "Shorter `recovery.backoff` where attempts succeed late.",
                "`models.fallback` where the model itself is slow to start.",
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
            "The breaker is open: new sessions get the fallback, and one probe a minute asks whether the model is back.",
            look: [
                "Fleet board, *Models avoided*: since when, and does it flap?",
                "Sessions board, *Closes by gemini*: with what did it fail?",
            ],
            act: [
                "Nothing, if the fallback serves: it comes back by itself.",
                "If it flaps, pin the fallback until the vendor has mended it.",
            ]),
        Proof(
            fires: [Sample(.breakerOpen, acme, "1x60")],
            isQuiet: [Sample(.breakerOpen, acme, "0x60")],
            labels: [(name: "model", value: "gemini-live")]))
}

# A close of gemini's is relayed with code and reason

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(Policies.Rule.resumptionInserted, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> as it came
    * setUp(model: "", vad: Sessions.Fact.VAD.automatic)
+200ms gemini setup-complete
    -> as it came
    * setupCompleted(1)
+1s client says Hi.
    -> as it came
    * turnStarted(1, Sessions.TurnInput.text)
+1s gemini closes 1011 Internal error encountered.
    * closed(Wire.Peer.gemini, Wire.Close(code: 1011, reason: "Internal error encountered."), by: Sessions.Fact.Author.gemini)
    * closed(Wire.Peer.client, Wire.Close(code: 1011, reason: "Internal error encountered."), by: Sessions.Fact.Author.gemini)
    -> close client 1011 Internal error encountered.
    * turnEnded(1, Sessions.TurnOutcome.lost)
    * ended(Sessions.SessionOutcome.geminiClosed)

# FC: a second setup on one socket is refused, as the service does

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
+1s client setup manual
    * ruleApplied(Policies.Rule.secondSetup, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    * closed(Wire.Peer.gemini, Wire.Close(code: 1000, reason: ""), by: Sessions.Fact.Author.turnkeeper)
    -> close gemini 1000 
    * closed(Wire.Peer.client, Wire.Close(code: 1007, reason: "turnkeeper: setup was already sent on this connection (session s-1)"), by: Sessions.Fact.Author.turnkeeper)
    -> close client 1007 turnkeeper: setup was already sent on this connection (session s-1)
    * ended(Sessions.SessionOutcome.clientFault)

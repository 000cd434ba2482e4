# A drain does not wait for ever

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
+100ms drain 5s
  at 5.0s
    * closed(Wire.Peer.gemini, Wire.Close(code: 1000, reason: ""), by: Sessions.Fact.Author.turnkeeper)
    -> close gemini 1000 
    * closed(Wire.Peer.client, Wire.Close(code: 1001, reason: "turnkeeper: this server is going away (session s-1)"), by: Sessions.Fact.Author.turnkeeper)
    -> close client 1001 turnkeeper: this server is going away (session s-1)
    * turnEnded(1, Sessions.TurnOutcome.lost)
    * ended(Sessions.SessionOutcome.stopped)
+10s nothing

# A drain lets the turn finish

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
+1s client start
    -> as it came
+20ms client audio 700ms
    -> as it came
+100ms drain 30s
    * closed(Wire.Peer.gemini, Wire.Close(code: 1000, reason: ""), by: Sessions.Fact.Author.turnkeeper)
    -> close gemini 1000 
    * closed(Wire.Peer.client, Wire.Close(code: 1001, reason: "turnkeeper: this server is going away (session s-1)"), by: Sessions.Fact.Author.turnkeeper)
    -> close client 1001 turnkeeper: this server is going away (session s-1)
    * ended(Sessions.SessionOutcome.stopped)
+700ms client end
+700ms gemini audio 200ms
+50ms gemini turn-complete

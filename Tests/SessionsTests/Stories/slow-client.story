# A client that does not read is closed with the reason

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
+1s client stuck
    * closed(Wire.Peer.gemini, Wire.Close(code: 1000, reason: ""), by: Sessions.Fact.Author.turnkeeper)
    -> close gemini 1000 
    * closed(Wire.Peer.client, Wire.Close(code: 1013, reason: "turnkeeper: the client does not read: 4194305 bytes wait for it (session s-1)"), by: Sessions.Fact.Author.turnkeeper)
    -> close client 1013 turnkeeper: the client does not read: 4194305 bytes wait for it (session s-1)
    * ended(Sessions.SessionOutcome.clientFault)

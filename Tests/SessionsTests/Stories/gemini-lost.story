# A connection that ends without a close frame is said to be lost

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
+1s gemini closes 1006
    * closed(Wire.Peer.gemini, Wire.Close(code: 1006, reason: ""), by: Sessions.Fact.Author.gemini)
    * closed(Wire.Peer.client, Wire.Close(code: 1011, reason: "turnkeeper: the connection to gemini was lost without a close frame (session s-1)"), by: Sessions.Fact.Author.gemini)
    -> close client 1011 turnkeeper: the connection to gemini was lost without a close frame (session s-1)
    * ended(Sessions.SessionOutcome.geminiClosed)

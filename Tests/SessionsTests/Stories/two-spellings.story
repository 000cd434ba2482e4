# One field under two spellings: no rule could be kept, so the session ends

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
+1s client sends {"realtimeInput":{"activityStart":{}},"realtime_input":{"audio":{"data":"BwcHBw=="}}}
    * closed(Wire.Peer.gemini, Wire.Close(code: 1000, reason: ""), by: Sessions.Fact.Author.turnkeeper)
    -> close gemini 1000 
    * closed(Wire.Peer.client, Wire.Close(code: 1007, reason: "turnkeeper: one field of the message is present under two spellings (session s-1)"), by: Sessions.Fact.Author.turnkeeper)
    -> close client 1007 turnkeeper: one field of the message is present under two spellings (session s-1)
    * ended(Sessions.SessionOutcome.clientFault)

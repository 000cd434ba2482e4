# FC 3.1: a frozen gemini is dead only after upstream.dead with a ping unanswered
policy client.ping=0s

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
+15s gemini pongs
    * pinged(Wire.Peer.gemini, roundTrip: Basics.Interval(nanoseconds: 20000000))
  at 20.05s
    -> ping gemini
  at 40.05s
    -> ping gemini
+25s gemini pongs
    * pinged(Wire.Peer.gemini, roundTrip: Basics.Interval(nanoseconds: 20000000))
  at 60.05s
    -> ping gemini
  at 80.05s
    -> ping gemini
  at 100.05s
    -> ping gemini
  at 120.05s
    * closed(Wire.Peer.gemini, Wire.Close(code: 1006, reason: ""), by: Sessions.Fact.Author.turnkeeper)
    -> close gemini 1006 
    * closed(Wire.Peer.client, Wire.Close(code: 1011, reason: "turnkeeper: gemini has been silent for 60.0 s, pings unanswered (session s-1)"), by: Sessions.Fact.Author.turnkeeper)
    -> close client 1011 turnkeeper: gemini has been silent for 60.0 s, pings unanswered (session s-1)
    * ended(Sessions.SessionOutcome.geminiClosed)
+100s nothing

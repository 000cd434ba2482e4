# A healthy spoken turn in manual VAD: nothing is touched

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
+20ms client audio 100ms
    -> as it came
+100ms client audio 100ms
    -> as it came
+600ms client end
    -> as it came
  at 2.38s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+700ms gemini audio 200ms
    -> as it came
    * turnStarted(1, Sessions.TurnInput.none)
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, Sessions.TurnOutcome.answered)
+1s client closes 1000
    * closed(Wire.Peer.client, Wire.Close(code: 1000, reason: ""), by: Sessions.Fact.Author.client)
    * closed(Wire.Peer.gemini, Wire.Close(code: 1000, reason: ""), by: Sessions.Fact.Author.client)
    -> close gemini 1000 
    * ended(Sessions.SessionOutcome.completed)

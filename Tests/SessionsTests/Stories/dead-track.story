# FC 1.4, seed 000 failure B: the microphone track dies inside an open activity

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
  at 2.28s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+10s nothing
+100ms gemini audio 200ms
    -> as it came
    * turnStarted(1, Sessions.TurnInput.none)
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, Sessions.TurnOutcome.answered)
+1s client end
    -> as it came
+1s client start
    -> as it came
+20ms client audio 700ms
    -> as it came
  at 14.45s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+1s client end
    -> as it came

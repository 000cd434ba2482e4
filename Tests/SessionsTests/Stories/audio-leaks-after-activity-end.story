# FC 1.1: audio leaks past activityEnd

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
+700ms client end
    -> as it came
+30ms client audio 20ms
    -> as it came
+20ms client audio 20ms
    -> as it came
+700ms gemini audio 200ms
    -> as it came
    * turnStarted(1, Sessions.TurnInput.none)
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, Sessions.TurnOutcome.answered)
  at 3.03s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+1s client start
    -> as it came
+20ms client audio 700ms
    -> as it came

# With short_activity enforced the end waits; what comes meanwhile is outside
policy short_activity=enforce

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
+100ms client end
    -> as it came
+10ms client audio 20ms
    -> as it came
  at 2.39s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+1s client start
    -> as it came
+20ms client audio 100ms
    -> as it came
+100ms client end
    -> as it came
+10ms client start
    -> as it came
  at 3.41s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+1s nothing

# In observe mode rules only count
policy audio_outside_activity=observe
policy repeated_activity=observe
policy empty_activity=observe
policy dead_air=observe

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
+1s client audio 20ms
    -> as it came
+10ms client start
    -> as it came
+10ms client start
    -> as it came
  at 2.26s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+3s client end
    -> as it came
+10ms client end
    -> as it came

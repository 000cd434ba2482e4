# With turns.lead_in the last moments before a late start are kept
policy turns.lead_in=200ms

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
+10ms client audio 20ms
    -> as it came
+300ms client audio 100ms
    -> as it came
+100ms client audio 50ms
    -> as it came
+50ms client start
    -> as it came
+20ms client audio 700ms
    -> as it came

# FC 1.3: input before setupComplete waits for it, in order

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    * connected(1)
    -> accept
+10ms client start
    * ruleApplied(Policies.Rule.earlyInput, Policies.Mode.enforce, detail: Sessions.Fact.Detail.messages(1))
+5ms client setup manual
    * ruleApplied(Policies.Rule.resumptionInserted, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> as it came
    * setUp(model: "", vad: Sessions.Fact.VAD.automatic)
+5ms client audio 100ms
    * ruleApplied(Policies.Rule.earlyInput, Policies.Mode.enforce, detail: Sessions.Fact.Detail.messages(1))
+5ms client end
    * ruleApplied(Policies.Rule.earlyInput, Policies.Mode.enforce, detail: Sessions.Fact.Detail.messages(1))
+200ms gemini setup-complete
    -> as it came
    * setupCompleted(1)
    -> gemini activityStart (text)
    -> gemini audio 100ms (text)
    -> gemini activityEnd (text)

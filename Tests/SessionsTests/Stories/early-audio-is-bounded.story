# Early audio is bounded: the oldest goes first, and is counted
policy limits.buffer=10000

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    * connected(1)
    -> accept
+10ms client setup auto
    * ruleApplied(Policies.Rule.resumptionInserted, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> as it came
    * setUp(model: "", vad: Sessions.Fact.VAD.automatic)
+5ms client says Hello.
    * ruleApplied(Policies.Rule.earlyInput, Policies.Mode.enforce, detail: Sessions.Fact.Detail.messages(1))
+5ms client audio 100ms
    * ruleApplied(Policies.Rule.earlyInput, Policies.Mode.enforce, detail: Sessions.Fact.Detail.messages(1))
+5ms client audio 150ms
    * ruleApplied(Policies.Rule.earlyInput, Policies.Mode.enforce, detail: Sessions.Fact.Detail.messages(1))
    * inputDropped(Basics.Interval(nanoseconds: 100000000))
+5ms client audio 50ms
    * ruleApplied(Policies.Rule.earlyInput, Policies.Mode.enforce, detail: Sessions.Fact.Detail.messages(1))
+200ms gemini setup-complete
    -> as it came
    * setupCompleted(1)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Hello."}]}],"turnComplete":true}} (text)
    * turnStarted(1, Sessions.TurnInput.text)
    -> gemini audio 150ms (text)
    -> gemini audio 50ms (text)

# FC 5.5: a null handle is removed; the client asked for handles, so it sees them

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.1-flash-live-preview","sessionResumption":{"handle":null}}}
    * ruleApplied(Policies.Rule.resumptionInserted, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> as it came
    * setUp(model: "", vad: Sessions.Fact.VAD.automatic)
+200ms gemini setup-complete
    -> as it came
    * setupCompleted(1)
+1s gemini handle h-1
    * handleReceived(resumable: true)
    * ruleApplied(Policies.Rule.resumptionInserted, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)

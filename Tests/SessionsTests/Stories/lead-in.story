# With turns.lead_in the last moments before a late start are kept
policy turns.lead_in=200ms

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+10ms client audio 20ms
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(20ms))
+300ms client audio 100ms
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(100ms))
+100ms client audio 50ms
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(50ms))
+50ms client start
    -> as it came
    * activityStarted(by: .client)
    -> gemini audio 100ms (text)
    -> gemini audio 50ms (text)
+20ms client audio 700ms
    -> as it came

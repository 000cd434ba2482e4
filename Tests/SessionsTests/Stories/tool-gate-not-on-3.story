# FC 4.5: a model that hears during calls hears everything

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+10ms gemini calls report
    * turnStarted(1, .none)
    * toolCalled(.ByteRange(lower: 12, upper: 70), calls: 1, after: nil)
    -> as it came
+100ms client audio 300ms
    -> as it came
+300ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(1s))
    -> as it came
    * activityEnded(by: .client, audio: 1s)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)

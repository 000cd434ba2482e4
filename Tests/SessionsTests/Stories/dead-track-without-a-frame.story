# An activity that never had a frame is closed too, with the silence an empty one needs

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
+1s client start
    -> as it came
    * activityStarted(by: .client)
  at 2.46s
    * ruleApplied(.deadAir, .enforce, detail: .audio(0s))
    * ruleApplied(.emptyActivity, .enforce, detail: .none)
    -> gemini audio 100ms (text)
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 0s)
+5s nothing
+100ms client end
    * ruleApplied(.deadAir, .enforce, detail: .late)

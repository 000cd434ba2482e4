# With short_activity enforced the end waits; what comes meanwhile is outside
policy short_activity=enforce

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
+20ms client audio 100ms
    -> as it came
+100ms client end
    * ruleApplied(.shortActivity, .enforce, detail: .audio(100ms))
+10ms client audio 20ms
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(20ms))
  at 1.86s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 100ms)
    * turnStarted(1, .audio)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 100ms
    -> as it came
+100ms client end
    * ruleApplied(.shortActivity, .enforce, detail: .audio(100ms))
+10ms client start
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
  at 2.99s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 100ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
+1s nothing

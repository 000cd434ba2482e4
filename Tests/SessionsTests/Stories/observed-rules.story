# In observe mode rules only count
policy audio_outside_activity=observe
policy repeated_activity=observe
policy empty_activity=observe
policy dead_air=observe

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
+1s client audio 20ms
    * ruleApplied(.audioOutsideActivity, .observe, detail: .audio(20ms))
    -> as it came
+10ms client start
    -> as it came
    * activityStarted(by: .client)
+10ms client start
    * ruleApplied(.repeatedActivity, .observe, detail: .none)
    -> as it came
  at 2.47s
    * ruleApplied(.deadAir, .observe, detail: .audio(0s))
+3s client end
    * ruleApplied(.emptyActivity, .observe, detail: .none)
    -> as it came
    * activityEnded(by: .client, audio: 0s)
+10ms client end
    * ruleApplied(.repeatedActivity, .observe, detail: .none)
    -> as it came

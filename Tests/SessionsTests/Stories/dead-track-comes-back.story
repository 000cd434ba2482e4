# FC 1.4: the dead track comes back, and the client's own end is the right one

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
+20ms client audio 700ms
    -> as it came
  at 2.48s
    * ruleApplied(.deadAir, .enforce, detail: .audio(700ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 700ms)
    * turnStarted(1, .audio)
+3s client audio 100ms
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
+100ms client audio 100ms
    -> as it came
+100ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(200ms))
    -> as it came
    * activityEnded(by: .client, audio: 200ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)

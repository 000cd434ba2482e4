# FC 1.7: an end and a start with silence after them go on as they came

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
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+10ms client end
    * ruleApplied(.flush, .enforce, detail: .none)
+5ms client start
    * ruleApplied(.flush, .enforce, detail: .none)
+100ms client noise 100ms
    * ruleApplied(.flush, .enforce, detail: .audio(100ms))
+500ms client noise 500ms
    * ruleApplied(.flush, .enforce, detail: .audio(500ms))
+500ms client noise 500ms
    * ruleApplied(.flush, .enforce, detail: .audio(500ms))
  at 17.47s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 15s)
    * turnStarted(1, .audio)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 100ms (text)
    -> gemini audio 500ms (text)
    -> gemini audio 500ms (text)
+500ms client voice 500ms
    -> as it came

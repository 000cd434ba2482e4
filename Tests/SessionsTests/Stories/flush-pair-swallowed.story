# FC 1.7: a flush in the middle of speech does not end the turn on 3.1

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
+100ms client voice 100ms
    * ruleApplied(.flush, .enforce, detail: .messages(2))
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
  at 20.05s
    -> ping gemini
    -> ping client
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
+5ms client noise 100ms
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(100ms))
+5ms client start
    * ruleApplied(.flush, .enforce, detail: .none)
+100ms client noise 100ms
    * ruleApplied(.flush, .enforce, detail: .audio(100ms))
+100ms client voice 100ms
    * ruleApplied(.flush, .enforce, detail: .messages(2))
    -> gemini audio 100ms (text)
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+800ms client noise 800ms
    -> as it came
+10ms client end
    -> as it came
    * activityEnded(by: .client, audio: 32100ms)
    * turnStarted(1, .audio)

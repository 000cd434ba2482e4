# I16: what may be a flush waits only as far as there is room; what follows that goes on as it came
policy limits.buffer=24000

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
+10ms client end
    * ruleApplied(.flush, .enforce, detail: .none)
+5ms client start
    * ruleApplied(.flush, .enforce, detail: .none)
+100ms client noise 250ms
    * ruleApplied(.flush, .enforce, detail: .audio(250ms))
+250ms client noise 250ms
    * ruleApplied(.flush, .enforce, detail: .audio(250ms))
+250ms client noise 250ms
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 12s)
    * turnStarted(1, .audio)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 250ms (text)
    -> gemini audio 250ms (text)
    -> gemini audio 250ms (text)
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 750ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)

# FC 1.7: nothing is held once the model speaks

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
+50ms gemini audio 100ms
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 15s)
    * turnStarted(1, .audio)
    * firstAudio(1, after: 0s)
    -> as it came
+10ms client start
    -> as it came
    * activityStarted(by: .client)
+1s client voice 700ms
    -> as it came
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)

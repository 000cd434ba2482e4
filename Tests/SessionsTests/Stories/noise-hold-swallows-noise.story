# FC 1.6: a cough after a question opens no activity
policy turns.noise_hold=100ms

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
+20ms client voice 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+500ms client start
    * ruleApplied(.noiseHold, .enforce, detail: .none)
+20ms client noise 100ms
    * ruleApplied(.noiseHold, .enforce, detail: .audio(100ms))
+100ms client noise 100ms
    * ruleApplied(.noiseHold, .enforce, detail: .audio(100ms))
+100ms client end
    * ruleApplied(.noiseHold, .enforce, detail: .audio(200ms))
+1s gemini audio 200ms
    * firstAudio(1, after: 1720ms)
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

# FC 1.6: however long the noise, little of it is kept, and the voice after it is heard
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
+20ms client noise 900ms
    * ruleApplied(.noiseHold, .enforce, detail: .audio(900ms))
+900ms client noise 900ms
    * ruleApplied(.noiseHold, .enforce, detail: .audio(900ms))
+900ms client noise 900ms
    * ruleApplied(.noiseHold, .enforce, detail: .audio(900ms))
+100ms client voice 100ms
    * inputDropped(900ms)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 900ms (text)
    -> gemini audio 900ms (text)
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 1900ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)

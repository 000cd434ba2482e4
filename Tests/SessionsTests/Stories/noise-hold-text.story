# FC 1.6: who types in the middle means it
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
+100ms client start
    * ruleApplied(.repeatedActivity, .enforce, detail: .none)
+100ms client text no
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 100ms (text)
    -> as it came
+100ms client noise 100ms
    -> as it came
+600ms client end
    -> as it came
    * activityEnded(by: .client, audio: 200ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)

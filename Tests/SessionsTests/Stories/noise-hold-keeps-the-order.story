# FC 1.6: content does not overtake what may be the beginning of a word, and does not wait for noise
policy turns.noise_hold=100ms

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
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
+100ms client says one
    -> as it came
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
+100ms client voice 60ms
    * ruleApplied(.noiseHold, .enforce, detail: .audio(60ms))
+60ms client says two
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 100ms (text)
    -> gemini audio 60ms (text)
    -> as it came
    * turnEnded(2, .interrupted)
    * turnStarted(3, .text)
+600ms client end
    -> as it came
    * activityEnded(by: .client, audio: 160ms)
    * turnEnded(3, .interrupted)
    * turnStarted(4, .audio)

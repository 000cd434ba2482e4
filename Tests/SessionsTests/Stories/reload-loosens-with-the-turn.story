# A looser policy waits until the turn has ended
policy limits.session=4s
policy limits.message=1000

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
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(20ms))
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+10ms policy audio_outside_activity=off
+10ms policy audio_outside_activity=off limits.session=1000s
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+10ms client audio 20ms
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(20ms))
+700ms gemini audio 200ms
    * firstAudio(1, after: 710ms)
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
    -> limit messages to 16777216 B, buffers to 4194304 B
+10ms client audio 20ms
    -> as it came
+5s nothing

# What is said soon after a barge-in answers it, if the reply before had stopped long ago

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
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini says Good day, what can I do for you?
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 81))
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+700ms gemini audio 200ms
    * firstAudio(2, after: 700ms)
    -> as it came
+5s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 300ms
    -> as it came
+300ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(300ms))
    -> as it came
    * activityEnded(by: .client, audio: 300ms)
    * turnEnded(2, .interrupted)
    * turnStarted(3, .audio)
+800ms gemini audio 200ms
    * firstAudio(3, after: 800ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+6s nothing

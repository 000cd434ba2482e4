# The user speaks during a call, which is cancelled: the next sound, however soon, answers what they said

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
+700ms gemini calls f
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(700ms))
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 300ms
    -> as it came
+50ms gemini sends {"toolCallCancellation":{"ids":["c-1"]}}
    * toolCancelled(.ByteRange(lower: 24, upper: 39), calls: 1)
    -> as it came
+250ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(300ms))
    -> as it came
    * activityEnded(by: .client, audio: 300ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+400ms gemini audio 200ms
    * firstAudio(2, after: 400ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+6s nothing

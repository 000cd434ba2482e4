# I17: after a question that the user interrupted, an activity without a voice is no question either

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
+1s client text hello
    -> as it came
    * turnStarted(1, .text)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+300ms client start
    -> as it came
    * activityStarted(by: .client)
+20ms client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    -> as it came
+60ms gemini interrupted
    -> as it came
    * turnEnded(2, .interrupted)
+20ms gemini turn-complete
    -> as it came
+20ms client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    -> as it came
+100ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(3ms))
    -> as it came
    * activityEnded(by: .client, audio: 3ms)
    * turnStarted(3, .audio)
  at 8.42s
    * turnEnded(3, .silent)
+15s nothing

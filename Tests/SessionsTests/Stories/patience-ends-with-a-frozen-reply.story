# Nobody may interrupt, but the reply froze long ago: what comes now answers the question
policy turns.dead_air=30s

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text How are you?
    -> as it came
    * turnStarted(1, .text)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+200ms client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 1s
    -> as it came
+11s client audio 1s
    -> as it came
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 2s)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+700ms gemini audio 200ms
    * firstAudio(2, after: 700ms)
    -> as it came
+50ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

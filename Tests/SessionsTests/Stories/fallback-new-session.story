# A model that failed for others: a new session gets the sibling, and never notices
policy models.fallback=gemini-3.8-live:gemini-3.1-flash-live-preview

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live "proactivity":{"proactiveAudio":false}
    -> choose gemini-3.8-live
+0s client start
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+0s chosen gemini-3.1-flash-live-preview
    * fellBack(from: "gemini-3.8-live", to: "gemini-3.1-flash-live-preview")
    * ruleApplied(.setupFields, .enforce, detail: .field("proactivity"))
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
    -> gemini activityStart (text)
    * activityStarted(by: .client)
+1s client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+500ms gemini audio 500ms
    * firstAudio(1, after: 500ms)
    -> as it came
+100ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

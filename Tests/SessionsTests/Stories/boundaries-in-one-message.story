# An end and a start in one message, with nothing between them: what follows belongs to a new activity, whether or not one was open

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
+1s client sends {"realtimeInput":{"activityEnd":{},"activityStart":{}},"x":1}
    * ruleApplied(.combinedInput, .enforce, detail: .none)
    * ruleApplied(.repeatedActivity, .enforce, detail: .none)
    -> gemini {"x":1} (text)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client sends {"realtimeInput":{"activityStart":{},"activityEnd":{}}}
    * ruleApplied(.combinedInput, .enforce, detail: .none)
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+500ms gemini audio 200ms
    * firstAudio(2, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+2s nothing

# FC 1.5: in an open activity, what is combined with both boundaries ends it; the next one is opened by what is said in it

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
+700ms client sends {"realtimeInput":{"activityStart":{},"audio":{"mimeType":"audio/pcm;rate=16000","data":"BwcHBw=="},"activityEnd":{}}}
    * ruleApplied(.combinedInput, .enforce, detail: .none)
    -> gemini audio 0ms (text)
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client audio 700ms
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)

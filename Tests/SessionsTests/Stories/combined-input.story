# Boundaries and audio in one message have no order: each becomes a message

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
+1s client sends {"realtimeInput":{"activityEnd":{},"audio":{"mimeType":"audio/pcm;rate=16000","data":"BwcHBw=="},"activityStart":{}}}
    * ruleApplied(.combinedInput, .enforce, detail: .none)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 0ms (text)
    * ruleApplied(.shortActivity, .enforce, detail: .audio(0ms))
  at 1.86s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 0ms)
    * turnStarted(1, .audio)
+1s client sends {"realtime_input":{"activity_start":{},"audio":{"mime_type":"audio/pcm;rate=16000","data":"BwcHBw=="}}}
    * ruleApplied(.combinedInput, .enforce, detail: .none)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 0ms (text)
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"BwcHBw=="},"activityEnd":{}}}
    * ruleApplied(.combinedInput, .enforce, detail: .none)
    -> gemini audio 0ms (text)
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 0ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)

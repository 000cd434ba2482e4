# A close that another try would meet again is relayed at once
policy models.fallback=none

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
+100ms gemini closes 1008 models/x is not found for API version v1beta
    * closed(.gemini, .Close(code: 1008, reason: "models/x is not found for API version v1beta"), by: .gemini)
    * gaveUp(.closed(.model), "gemini refuses the session")
    * closed(.client, .Close(code: 1008, reason: "models/x is not found for API version v1beta"), by: .gemini)
    -> close client 1008 models/x is not found for API version v1beta
    * turnEnded(1, .lost)
    * ended(.geminiClosed)

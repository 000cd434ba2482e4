# A close of gemini's is relayed with code and reason
policy recovery.attempts=0

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
+1s client says Hi.
    * ruleApplied(.contentAsText, .enforce, detail: .none)
    -> gemini {"realtimeInput":{"text":"Hi."}} (text)
    * typed("Hi.")
    * turnStarted(1, .text)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * closed(.client, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    -> close client 1011 Internal error encountered.
    * turnEnded(1, .lost)
    * ended(.geminiClosed)

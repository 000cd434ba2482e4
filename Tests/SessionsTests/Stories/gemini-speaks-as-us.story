# What gemini says is not ours, though it says so
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
+1s gemini closes 1011 turnkeeper: no turn had an answer (session s-1)
    * closed(.gemini, .Close(code: 1011, reason: "turnkeeper: no turn had an answer (session s-1)"), by: .gemini)
    * closed(.client, .Close(code: 1011, reason: "turnkeeper: no turn had an answer (session s-1)"), by: .gemini)
    -> close client 1011 turnkeeper: no turn had an answer (session s-1)
    * turnEnded(1, .lost)
    * ended(.geminiClosed)

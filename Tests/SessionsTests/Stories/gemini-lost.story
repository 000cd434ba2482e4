# A connection that ends without a close frame is said to be lost
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
+1s gemini closes 1006
    * closed(.gemini, .Close(code: 1006, reason: ""), by: .gemini)
    * closed(.client, .Close(code: 1011, reason: "turnkeeper: the connection to gemini was lost without a close frame (session s-1)"), by: .turnkeeper)
    -> close client 1011 turnkeeper: the connection to gemini was lost without a close frame (session s-1)
    * ended(.unanswered)

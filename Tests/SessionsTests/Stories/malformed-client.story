# A message that is not JSON ends the session, as the service does

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
+1s client sends {"realtimeInput":
    * malformed(.client, the message ends early, at byte 17)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1007, reason: "turnkeeper: invalid JSON: the message ends early, at byte 17 (session s-1)"), by: .turnkeeper)
    -> close client 1007 turnkeeper: invalid JSON: the message ends early, at byte 17 (session s-1)
    * ended(.refused)

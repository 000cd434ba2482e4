# One field under two spellings: no rule could be kept, so the session ends

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
+1s client sends {"realtimeInput":{"activityStart":{}},"realtime_input":{"audio":{"data":"BwcHBw=="}}}
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1007, reason: "turnkeeper: a field of the message is duplicated (session s-1)"), by: .turnkeeper)
    -> close client 1007 turnkeeper: a field of the message is duplicated (session s-1)
    * ended(.refused)

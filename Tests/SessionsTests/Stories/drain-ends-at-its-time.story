# A drain does not wait for ever

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
+100ms drain 5s
  at 5.0s
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1001, reason: "turnkeeper: going away, connect again (session s-1)"), by: .turnkeeper)
    -> close client 1001 turnkeeper: going away, connect again (session s-1)
    * turnEnded(1, .lost)
    * ended(.stopped)
+10s nothing

# FC 11.2: a setup that is never answered is tried again

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
  at 5.06s
    * stalled(.setupUnanswered, turn: 0)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * troubled(.stalled(.setupUnanswered), Optional(.Close(code: 1011, reason: "turnkeeper: gemini does not answer the setup (upstream.setup) (session s-1)")))
    * dialing(2)
    -> dial 2
+6s nothing
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    -> as it came
    * reconnected(2, .stalled(.setupUnanswered), .redialed, after: 1240ms)

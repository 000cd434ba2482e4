# Where none may be rebuilt and no handle is left, a question whose end is still held is not forgotten
policy recovery.rebuild=false
policy short_activity=enforce

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
+20ms client audio 60ms
    -> as it came
+60ms client end
    * ruleApplied(.shortActivity, .enforce, detail: .audio(60ms))
+300ms gemini closes 1008 The operation was aborted.
    * closed(.gemini, .Close(code: 1008, reason: "The operation was aborted."), by: .gemini)
    * troubled(.closed(.policy), Optional(.Close(code: 1008, reason: "The operation was aborted.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * gaveUp(.closed(.policy), "no handle is left, and recovery.rebuild is off")
    * troubled(.closed(.unavailable), nil)
    * dialing(3)
    -> dial 3
+50ms gemini opens
    -> use 3
    * connected(3)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * gaveUp(.closed(.unavailable), "no handle is left, and recovery.rebuild is off")
    * closed(.client, .Close(code: 1011, reason: "turnkeeper: no handle is left, and recovery.rebuild is off, twice in a row (fixed) (session s-1)"), by: .turnkeeper)
    -> close client 1011 turnkeeper: no handle is left, and recovery.rebuild is off, twice in a row (fixed) (session s-1)
    * ended(.unanswered)
+1s nothing

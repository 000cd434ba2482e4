# Without a handle, where none may be rebuilt, a new connection is of no use: it is closed, and nothing tried before the user asks
policy recovery.rebuild=false
policy stalls.nudges=0

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
+1s client text How are you?
    -> as it came
    * turnStarted(1, .text)
  at 9.26s
    * stalled(.firstReplyNever, turn: 1)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(2)
    -> dial 2
+12s gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+50ms gemini closes 1000
    -> use 2
    * connected(2)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * gaveUp(.stalled(.firstReplyNever), "no handle is left, and recovery.rebuild is off")
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .lost)
+5s client text Are you there?
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
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

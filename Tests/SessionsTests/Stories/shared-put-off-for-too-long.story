# several nodes: after ten minutes no other connection can have it, and the handle is at fault
handle turnkeeper.s-1.secret
shared

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
    -> recall handle("turnkeeper.s-0.other", generation: 1)
+5ms recalled remembered h-7 1 wordless long-put-off
    -> offer turnkeeper.s-0.other, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{"handle":"h-7"}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{"handle":"h-7"}}} (text)
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * retrying(attempt: 2, after: 78ms)
  at 0.393s
    * dialing(3)
    -> dial 3
+300ms nothing
+50ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{"handle":"h-7"}}} (text)
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * retrying(attempt: 3, after: 137ms)
  at 0.902s
    * dialing(4)
    -> dial 4
+700ms nothing
+50ms gemini opens
    -> use 4
    * connected(4)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{}}} (text)
+100ms gemini setup-complete
    * setupCompleted(4)
    -> as it came
    * reconnected(4, .closed(.internalError), .redialed, after: 1450ms)
    * clientResumed(.rebuilt)
    * contextLost(0s)
+1s nothing

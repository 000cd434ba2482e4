# both sides drop: gemini is resumed behind the back of a client that is away
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
    -> offer turnkeeper.s-1.secret, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> as it came
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s gemini handle h-1
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1
+1s client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{"handle":"h-1"}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
+1s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{}
    * unparked(after: 2240ms, messages: 0, missing: 0s)
    -> client {"setupComplete":{}} (binary)
+1s client closes 1000
    * closed(.client, .Close(code: 1000, reason: ""), by: .client)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    -> retire turnkeeper.s-1.secret: models/gemini-3.1-flash-live-preview, handle h-1, 
    * ended(.completed)

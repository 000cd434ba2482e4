# FC 5.12: gemini does not know its handle any more: the conversation is rebuilt
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
    -> recall handle("turnkeeper.s-0.other", generation: 1)
+5ms recalled remembered h-7 60
    -> offer turnkeeper.s-0.other, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{"handle":"h-7"}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini closes 1008 BidiGenerateContent session not found
    * closed(.gemini, .Close(code: 1008, reason: "BidiGenerateContent session not found"), by: .gemini)
    * troubled(.closed(.handle), Optional(.Close(code: 1008, reason: "BidiGenerateContent session not found")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    -> as it came
    * reconnected(2, .closed(.handle), .redialed, after: 250ms)
    * clientResumed(.rebuilt)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"My name is Ada."}]},{"role":"model","parts":[{"text":"Hello, Ada."}]}],"turnComplete":true}} (text)
    * contextRestored(2)
+1s client closes 1000
    * closed(.client, .Close(code: 1000, reason: ""), by: .client)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    -> retire turnkeeper.s-0.other: models/gemini-3.1-flash-live-preview, handle , uMy name is Ada. / mHello, Ada. / 
    * ended(.completed)

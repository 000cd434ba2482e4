# A client that leaves while its end is held has said its turn

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
+5ms client start
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+5ms client audio 100ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+5ms client end
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 100ms (text)
    * ruleApplied(.shortActivity, .enforce, detail: .audio(100ms))
+100ms client closes 1000
    * closed(.client, .Close(code: 1000, reason: ""), by: .client)
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 100ms)
    * turnStarted(1, .audio)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    * turnEnded(1, .interrupted)
    * ended(.completed)

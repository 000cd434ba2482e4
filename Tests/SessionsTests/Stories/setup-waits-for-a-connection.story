# The connection is lost before the setup came: the next one gets it

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms gemini closes 1006
    * closed(.gemini, .Close(code: 1006, reason: ""), by: .gemini)
    * troubled(.closed(.lost), Optional(.Close(code: 1006, reason: "")))
    * dialing(2)
    -> dial 2
+10ms client setup manual
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+0s client start
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+50ms gemini opens
    -> use 2
    * connected(2)
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+100ms gemini setup-complete
    * setupCompleted(2)
    -> as it came
    * reconnected(2, .closed(.lost), .redialed, after: 160ms)
    -> gemini activityStart (text)
    * activityStarted(by: .client)

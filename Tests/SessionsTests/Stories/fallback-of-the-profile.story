# A model that is gone, and a policy that leaves siblings to the profile: its sibling serves

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+100ms gemini closes 1008 models/gemini-3.8-live is not found for API version v1beta, or is not supported for bidiGenerateContent.
    * closed(.gemini, .Close(code: 1008, reason: "models/gemini-3.8-live is not found for API version v1beta, or is not supported for bidiGenerateContent."), by: .gemini)
    * troubled(.closed(.model), Optional(.Close(code: 1008, reason: "models/gemini-3.8-live is not found for API version v1beta, or is not supported for bidiGenerateContent.")))
    * fellBack(from: "gemini-3.8-live", to: "gemini-3.1-flash-live-preview")
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    -> as it came
    * reconnected(2, .closed(.model), .redialed, after: 140ms)
+1s client closes 1000
    * closed(.client, .Close(code: 1000, reason: ""), by: .client)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    * ended(.completed)

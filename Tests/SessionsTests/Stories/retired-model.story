# A model that is gone, and nobody named a sibling: the client is told
policy models.fallback=none

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
    * gaveUp(.closed(.model), "gemini refuses the session")
    * closed(.client, .Close(code: 1008, reason: "models/gemini-3.8-live is not found for API version v1beta, or is not supported for bidiGenerateContent."), by: .gemini)
    -> close client 1008 models/gemini-3.8-live is not found for API version v1beta, or is not supported for bidiGenerateContent.
    * ended(.geminiClosed)

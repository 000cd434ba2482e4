# What gemini says of the setup itself it would say again

+0s client opens
    * dialing(1)
    -> dial 1
+0s gemini opens warm
    -> use 1
    * connected(1, isWarm: true)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+50ms gemini closes 1007 Invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Invalid argument."), by: .gemini)
    * gaveUp(.closed(.invalid), "gemini refuses the session")
    * closed(.client, .Close(code: 1007, reason: "Invalid argument."), by: .gemini)
    -> close client 1007 Invalid argument.
    * ended(.geminiClosed)

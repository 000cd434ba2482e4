# Gemini has had enough of waiting before the setup came: another connection stands in, uncounted
policy recovery.attempts=0

+0s client opens
    * dialing(1)
    -> dial 1
+0s gemini opens warm
    -> use 1
    * connected(1, isWarm: true)
    -> accept
+10ms gemini closes 1008 Nothing came.
    * closed(.gemini, .Close(code: 1008, reason: "Nothing came."), by: .gemini)
    * dialing(2)
    -> dial 2
+10ms client setup manual
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+50ms gemini opens
    -> use 2
    * connected(2)
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(2)
    -> as it came

# Gemini's end of a connection that waited crosses with the setup, which another connection gets
policy recovery.attempts=0

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
+10ms client says Hi.
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+20ms gemini closes 1006
    * closed(.gemini, .Close(code: 1006, reason: ""), by: .gemini)
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    -> as it came
    * ruleApplied(.contentAsText, .enforce, detail: .none)
    -> gemini {"realtimeInput":{"text":"Hi."}} (text)
    * typed("Hi.")
    * turnStarted(1, .text)
+1s gemini closes 1006
    * closed(.gemini, .Close(code: 1006, reason: ""), by: .gemini)
    * closed(.client, .Close(code: 1011, reason: "turnkeeper: the connection to gemini was lost without a close frame (session s-1)"), by: .turnkeeper)
    -> close client 1011 turnkeeper: the connection to gemini was lost without a close frame (session s-1)
    * turnEnded(1, .lost)
    * ended(.unanswered)

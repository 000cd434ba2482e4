# A stricter policy holds at once, also within a turn
policy short_activity=observe

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
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 100ms
    -> as it came
+10ms policy short_activity=enforce limits.session=4s limits.message=1000
    -> limit messages to 1000 B, buffers to 4194304 B
+100ms client end
    * ruleApplied(.shortActivity, .enforce, detail: .audio(100ms))
  at 1.86s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 100ms)
    * turnStarted(1, .audio)
+1s gemini audio 200ms
    * firstAudio(1, after: 530ms)
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
  at 4.05s
    * limitReached(.session)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1008, reason: "turnkeeper: limits.session is reached (session s-1)"), by: .turnkeeper)
    -> close client 1008 turnkeeper: limits.session is reached (session s-1)
    * ended(.limit)
+4s nothing

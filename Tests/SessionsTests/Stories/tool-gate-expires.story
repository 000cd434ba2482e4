# FC 4.5: after ten seconds the user is heard again, whatever the tool does

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+10ms gemini calls report
    * toolCalled(.ByteRange(lower: 12, upper: 70), calls: 1, after: Optional(10ms))
    -> as it came
+1s client start
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+20ms client audio 400ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+400ms client end
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
  at 11.99s
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 400ms (text)
    * ruleApplied(.shortActivity, .enforce, detail: .audio(400ms))
+9s client start
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
+20ms client audio 700ms
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
  at 12.59s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 400ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 700ms (text)
+700ms client end
    * ruleApplied(.shortActivity, .enforce, detail: .audio(700ms))
  at 13.19s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 700ms)
    * turnEnded(2, .interrupted)
    * turnStarted(3, .audio)
+1s client sends {"toolResponse":{"functionResponses":[{"id":"c-1","name":"report","response":{}}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 82), results: 1)
    -> as it came

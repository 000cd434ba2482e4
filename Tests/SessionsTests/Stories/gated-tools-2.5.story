# FC 4.5: nothing of ours goes to a 2.5 model while it waits for a tool

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
+10ms gemini calls report
    * turnStarted(1, .none)
    * toolCalled(.ByteRange(lower: 12, upper: 70), calls: 1, after: nil)
    -> as it came
+5s client sends {"toolResponse":{"functionResponses":[{"id":"c-1","name":"report","response":{}}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 82), results: 1)
    -> as it came
  at 6.29s
    * ruleApplied(.deadAir, .enforce, detail: .audio(700ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 700ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+1s nothing

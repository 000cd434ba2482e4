# FC 4.5: input during a call waits for its end, and then comes in order

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
+100ms client audio 300ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+300ms client audio 300ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+300ms client end
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client audio 100ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client text and one more thing
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client start
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client audio 2s
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client audio 300ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client audio 100ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client sends {"toolResponse":{"functionResponses":[{"id":"c-1","name":"report","response":{}}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 82), results: 1)
    -> as it came
    -> gemini audio 300ms (text)
    -> gemini audio 300ms (text)
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 1300ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(100ms))
    -> gemini {"realtimeInput":{"text":"and one more thing"}} (text)
    * typed("and one more thing")
    * turnEnded(2, .interrupted)
    * turnStarted(3, .text)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 2000ms (text)
    -> gemini audio 300ms (text)
    -> gemini audio 100ms (text)
+100ms client audio 100ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 2500ms)
    * turnEnded(3, .interrupted)
    * turnStarted(4, .audio)

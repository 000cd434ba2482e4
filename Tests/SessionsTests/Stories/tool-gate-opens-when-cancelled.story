# FC 4.5: a call that is cancelled holds nothing any longer

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
+100ms gemini sends {"toolCallCancellation":{"ids":["c-1"]}}
    * toolCancelled(.ByteRange(lower: 24, upper: 39), calls: 1)
    -> as it came
    -> gemini audio 300ms (text)
+100ms client audio 300ms
    -> as it came
+600ms client end
    -> as it came
    * activityEnded(by: .client, audio: 1300ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)

# FC 16.11: of a screen that is shown during a call the newest picture waits, and a word does not go early
policy limits.buffer=1912

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
+1s client text look
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls report
    * toolCalled(.ByteRange(lower: 12, upper: 70), calls: 1, after: Optional(500ms))
    -> as it came
+100ms client sends {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client sends {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"}}}
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client sends {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"}}}
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client start
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+100ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * picturesReplaced(2)
    -> gemini {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"}}} (text)
    -> gemini activityStart (text)
    * activityStarted(by: .client)

# I4: content does not overtake the input that waits for the end of a call; a result does

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
+1s client text one
    -> as it came
    * turnStarted(1, .text)
+1s gemini calls report
    * toolCalled(.ByteRange(lower: 12, upper: 70), calls: 1, after: Optional(1s))
    -> as it came
+100ms client text two
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+10ms client says three
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+10ms client sends {"clientContent":{"turnComplete":false}}
    -> as it came
+100ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    -> gemini {"realtimeInput":{"text":"two"}} (text)
    * typed("two")
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"three"}]}],"turnComplete":true}} (text)
    * typed("three")
    * turnEnded(2, .interrupted)
    * turnStarted(3, .text)
+1s nothing

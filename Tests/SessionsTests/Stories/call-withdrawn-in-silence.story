# A voice that led to a call is no question left over when the call is withdrawn

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-2.5-flash-native-audio-preview-12-2025 "tools":[{"functionDeclarations":[{"name":"f"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 700ms
    -> as it came
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini calls f
    * turnStarted(1, .audio)
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(1500ms))
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+500ms gemini sends {"toolCallCancellation":{"ids":["c-1"]}}
    * toolCancelled(.ByteRange(lower: 24, upper: 39), calls: 1)
    -> as it came
  at 20.05s
    -> ping gemini
    -> ping client
  at 40.05s
    -> ping gemini
    -> ping client
  at 60.05s
    -> ping gemini
    -> ping client
+60s nothing

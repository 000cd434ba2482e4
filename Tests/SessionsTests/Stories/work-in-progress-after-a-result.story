# A model that says it is working on a tool's result is believed (failure catalogue 13)

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.8-live-extended-thinking","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live-extended-thinking","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live-extended-thinking", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Look it up.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini sends {"serverContent":{"turnComplete":true,"interactionStatus":"IN_PROGRESS"}}
    -> as it came
+20ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: nil)
    -> as it came
+500ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+1s gemini sends {"serverContent":{"interactionStatus":"IN_PROGRESS"}}
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
+60s gemini audio 200ms
    * firstAudio(1, after: 61s)
    -> as it came
+20ms gemini sends {"serverContent":{"generationComplete":true,"turnComplete":true,"interactionStatus":"IDLE"}}
    -> as it came
    * turnEnded(1, .answered)
+3s nothing

# A message of results that were all cancelled: what rides along goes on, and nothing is asked

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "tools":[{"functionDeclarations":[{"name":"f"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text hello
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+500ms gemini sends {"toolCallCancellation":{"ids":["c-1"]}}
    * toolCancelled(.ByteRange(lower: 24, upper: 39), calls: 1)
    -> as it came
+100ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    * toolResultsDropped(1)
+100ms client sends {"toolResponse":{"functionResponses":[{"id":"c-1","name":"f","response":{}}]},"x":1}
    * toolAnswered(.ByteRange(lower: 16, upper: 77), results: 1)
    * toolResultsDropped(1)
    -> gemini {"x":1} (text)
+100ms client sends {"toolResponse":{"y":2,"functionResponses":[{"id":"c-1","name":"f","response":{}}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 83), results: 1)
    * toolResultsDropped(1)
    -> gemini {"toolResponse":{"y":2}} (text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 1800ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+2s nothing

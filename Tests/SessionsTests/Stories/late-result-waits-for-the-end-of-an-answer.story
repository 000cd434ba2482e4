# A result whose call is unknown to the new connection is told between turns, not into an answer

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live "tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+100ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+20ms gemini says Running.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 57))
+20ms gemini audio 200ms
    * firstAudio(1, after: 540ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+500ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
+1s client text And then?
    -> as it came
    * turnStarted(2, .text)
+500ms gemini says Then
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 53))
+10ms gemini audio 200ms
    * firstAudio(2, after: 510ms)
    -> as it came
+50ms client sends {"toolResponse":{"functionResponses":[{"id":"a-1","name":"f","response":{"ok":true}}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
+200ms gemini audio 200ms
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
    -> gemini {"realtimeInput":{"text":"Result of f: {\"ok\":true}"}} (text)
    * turnStarted(3, .tool)
+500ms gemini says It is done.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 60))
+10ms gemini audio 200ms
    * firstAudio(3, after: 510ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)

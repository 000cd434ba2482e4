# I8: the line is lost after the last piece of a result: the pieces are told together, once

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
+20ms gemini audio 200ms
    * firstAudio(1, after: 520ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+500ms client sends {"toolResponse":{"functionResponses":[{"id":"a-1","name":"f","response":{"part":1},"willContinue":true}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 105), results: 0)
    -> as it came
+500ms client sends {"toolResponse":{"functionResponses":[{"id":"a-1","name":"f","response":{"part":2}}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 85), results: 1)
    -> as it came
    * turnStarted(2, .tool)
+50ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    * contextLost(200ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Run it."}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":false}} (text)
    * contextRestored(1)
    -> gemini {"realtimeInput":{"text":"Result of f: {\"part\":1} {\"part\":2}"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+500ms gemini audio 200ms
    * firstAudio(2, after: 790ms)
    * recovered(.closed(.internalError), after: 740ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

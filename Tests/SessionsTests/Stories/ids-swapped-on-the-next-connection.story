# Two calls, and the next connection gives their ids to others: one is made again, one is new

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+100ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini sends {"toolCall":{"functionCalls":[{"id":"c-1","name":"weather","args":{"n":1}},{"id":"c-2","name":"time","args":{"n":1}}]}}
    * toolCalled(.ByteRange(lower: 12, upper: 118), calls: 2, after: Optional(500ms))
    -> as it came
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini {"realtimeInput":{"text":"Run it."}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+500ms gemini sends {"toolCall":{"functionCalls":[{"id":"c-1","name":"time","args":{"n":2}},{"id":"c-2","name":"weather","args":{"n":1}}]}}
    * recovered(.closed(.internalError), after: 740ms)
    * toolCalled(.ByteRange(lower: 12, upper: 118), calls: 1, after: nil)
    * toolNoted(.renamed, 1)
    * callRemembered(1)
    -> client {"toolCall":{"functionCalls":[{"id":"c-1-2","name":"time","args":{"n":2}}]}} (binary)
+500ms client sends {"toolResponse":{"functionResponses":[{"id":"c-1","name":"weather","response":{"n":1}},{"id":"c-2","name":"time","response":{"n":1}}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 134), results: 2)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"c-2","name":"weather","response":{"n":1}}]}} (text)
+50ms client sends {"toolResponse":{"functionResponses":[{"id":"c-1-2","name":"time","response":{"n":2}}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 87), results: 1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"c-1","name":"time","response":{"n":2}}]}} (text)
+500ms gemini says It is done.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 60))
+10ms gemini audio 200ms
    * firstAudio(1, after: 510ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

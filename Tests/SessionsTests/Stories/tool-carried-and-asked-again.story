# I8: an open call came over with the handle, and its question is said again: it is made twice

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+50ms gemini handle h-1
    * handleReceived(resumable: true)
+100ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini {"realtimeInput":{"text":"Run it."}} (text)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"a-1","name":"f","response":{"ok":true}}]}} (text)
    * replayed(messages: 2, audio: 0s, missing: 0s)
+500ms gemini calls f as b-1
    * recovered(.closed(.internalError), after: 740ms)
    * callRemembered(1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"b-1","name":"f","response":{"ok":true}}]}} (text)
+500ms gemini calls f as b-2
    * callRemembered(1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"b-2","name":"f","response":{"ok":true}}]}} (text)
+300ms gemini audio 200ms
    * firstAudio(1, after: 2290ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

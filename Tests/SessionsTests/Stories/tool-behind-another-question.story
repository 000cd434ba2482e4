# I8: of two questions said again the second leads to its call, after the first is answered

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text How are you?
    -> as it came
    * turnStarted(1, .text)
+100ms client text Run it.
    -> as it came
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
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
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"realtimeInput":{"text":"How are you?"}} (text)
    -> gemini {"realtimeInput":{"text":"Run it."}} (text)
    * replayed(messages: 2, audio: 0s, missing: 0s)
+700ms gemini audio 200ms
    * firstAudio(2, after: 1640ms)
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+50ms client text And then?
    -> as it came
    * turnEnded(2, .interrupted)
    * turnStarted(3, .text)
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
+300ms gemini calls f as b-1
    * callRemembered(1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"b-1","name":"f","response":{"ok":true}}]}} (text)
+300ms gemini audio 200ms
    * firstAudio(3, after: 670ms)
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)

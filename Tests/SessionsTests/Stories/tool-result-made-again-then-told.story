# A call is made again and given its result, and that line is lost, too: the next one knows the question, and is told the result once

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.0-flash-live-001
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.0-flash-live-001","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-2.0-flash-live-001", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+100ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+100ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.0-flash-live-001","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 250ms)
    -> gemini {"realtimeInput":{"text":"Run it."}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+50ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h-2","resumable":true,"lastConsumedClientMessageIndex":"2"}}
    * handleReceived(resumable: true)
+400ms gemini calls f as b-1
    * recovered(.closed(.internalError), after: 700ms)
    * callRemembered(1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"b-1","name":"f","response":{"ok":true}}]}} (text)
+100ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(3)
    -> dial 3
+50ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-2"},"model":"models/gemini-2.0-flash-live-001","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 250ms)
    -> gemini {"realtimeInput":{"text":"Result of f: {\"ok\":true}"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+500ms gemini audio 200ms
    * firstAudio(1, after: 2250ms)
    * recovered(.closed(.internalError), after: 750ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+6s nothing

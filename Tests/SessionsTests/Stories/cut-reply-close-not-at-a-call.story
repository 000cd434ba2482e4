policy recovery.cut_reply=close
# Policy: a reply that is cut ends the session. A call of which nothing was spoken is no such reply, and its question is said again

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+500ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 250ms)
    -> gemini {"realtimeInput":{"text":"Run it."}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+500ms gemini calls f as b-1
    * recovered(.closed(.internalError), after: 750ms)
    * callRemembered(1)
+500ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"b-1","name":"f","response":{"ok":true}}]}} (text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 2750ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+5s nothing

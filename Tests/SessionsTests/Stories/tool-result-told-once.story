# I15: a result that the new connection is told with the conversation is not told again after its first answer

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
+100ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+10ms gemini says Running.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 57))
+100ms client says And then?
    -> as it came
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
+10ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    -> client {"serverContent":{"interrupted":true}} (binary)
    * madeUp(.interrupted)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Run it."}]},{"role":"user","parts":[{"text":"(Result of f: {\"ok\":true})"}]},{"role":"model","parts":[{"text":"Running."}]}],"turnComplete":true}} (text)
    * contextRestored(3)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"And then?"}]}],"turnComplete":true}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+700ms gemini audio 300ms
    * firstAudio(2, after: 950ms)
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+10ms gemini says Then it stops.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 63))
+20ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client text Thanks.
    -> as it came
    * turnStarted(3, .text)
+700ms gemini audio 300ms
    * firstAudio(3, after: 700ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)

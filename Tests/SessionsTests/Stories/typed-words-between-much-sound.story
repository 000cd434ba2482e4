# I7: what was typed is not dropped with the sound around it

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+50ms client text And then?
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+10ms client audio 1500ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+1500ms client audio 1500ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+1500ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(2, .tool)
    -> gemini {"realtimeInput":{"text":"And then?"}} (text)
    * typed("And then?")
    * turnEnded(2, .interrupted)
    * turnStarted(3, .text)
    -> gemini audio 1500ms (text)
    -> gemini audio 1500ms (text)
+20ms gemini interrupted
    -> as it came
    * turnEnded(3, .interrupted)
+10ms gemini turn-complete
    -> as it came
+10ms gemini interrupted
    -> as it came
+10ms gemini turn-complete
    -> as it came
+50ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Run it."}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]},{"role":"user","parts":[{"text":"(The line was interrupted. This is the conversation so far. Do not greet again; reply only \"ok\" and wait.)"}]}],"turnComplete":true}} (text)
    * contextRestored(1)
+600ms gemini audio 300ms
    * byproductKept(.answer)
+20ms gemini turn-complete
    * byproductKept(.answer)
    -> gemini {"realtimeInput":{"text":"And then?"}} (text)
    -> gemini audio 1500ms (text)
    -> gemini audio 1500ms (text)
    * replayed(messages: 3, audio: 3s, missing: 0s)
+900ms gemini audio 300ms
    * turnStarted(4, .none)
    * recovered(.closed(.internalError), after: 1760ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(4, .answered)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"(For you to know, not to answer: Result of f: {\"ok\":true})"}]}],"turnComplete":false}} (text)

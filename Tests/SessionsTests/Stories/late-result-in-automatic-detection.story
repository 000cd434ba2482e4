# I8: the question was answered on a new connection without its call: on 2.5 its late result is told between turns, where nothing marks the next question

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
+1s client says What is f?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+300ms gemini closes 1011 Internal error occurred.
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
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"What is f?"}]}],"turnComplete":true}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+700ms gemini says I do not know.
    * byproductKept(.answer)
+10ms gemini audio 200ms
    * turnStarted(2, .none)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"(For you to know, not to answer: Result of f: {\"ok\":true})"}]}],"turnComplete":false}} (text)
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .rebuilt, after: 240ms)
    * contextLost(200ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"What is f?"}]},{"role":"user","parts":[{"text":"(Result of f: {\"ok\":true})"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]},{"role":"user","parts":[{"text":"(The line was interrupted. This is the conversation so far. Do not greet again; reply only \"ok\" and wait.)"}]}],"turnComplete":true}} (text)
    * contextRestored(2)
+1s nothing

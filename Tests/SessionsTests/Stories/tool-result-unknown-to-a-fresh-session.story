# I15: a fresh session does not know a call from before it, nor does any handle it gives: the result is told in words

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
+100ms client audio 300ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+300ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(2, .tool)
    -> gemini audio 300ms (text)
+20ms gemini interrupted
    -> as it came
    * turnEnded(2, .interrupted)
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
    -> gemini audio 300ms (text)
    * replayed(messages: 1, audio: 300ms, missing: 0s)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+10ms gemini closes 1000 Bye
    * closed(.gemini, .Close(code: 1000, reason: "Bye"), by: .gemini)
    * troubled(.closed(.normal), Optional(.Close(code: 1000, reason: "Bye")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.normal), .resumed, after: 240ms)
    -> gemini audio 300ms (text)
    * replayed(messages: 1, audio: 300ms, missing: 0s)
+700ms gemini audio 300ms
    * turnStarted(3, .none)
    * recovered(.closed(.normal), after: 940ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"(For you to know, not to answer: Result of f: {\"ok\":true})"}]}],"turnComplete":false}} (text)
  at 4.37s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+3s nothing

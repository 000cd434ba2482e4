# A voice that made the model withdraw its call is answered by what comes next, and not said again

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-3.1-flash-live-preview "tools":[{"functionDeclarations":[{"name":"f"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Call f.
    -> as it came
    * turnStarted(1, .text)
+900ms gemini calls f
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(900ms))
    -> as it came
+500ms client audio 700ms
    -> as it came
+100ms gemini sends {"toolCallCancellation":{"ids":["c-1"]}}
    * toolCancelled(.ByteRange(lower: 24, upper: 39), calls: 1)
    -> as it came
+10ms client stream-end
    -> as it came
+900ms gemini audio 200ms
    * firstAudio(1, after: 2410ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+500ms client text Thank you.
    -> as it came
    * turnStarted(2, .text)
+100ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 250ms)
    * contextLost(200ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Call f."}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":true}} (text)
    * contextRestored(1)
    -> gemini {"realtimeInput":{"text":"Thank you."}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+900ms gemini audio 200ms
    * firstAudio(2, after: 1250ms)
    * recovered(.closed(.internalError), after: 1150ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+5s nothing

# Automatic detection: the user's voice ends a reply, and the connection is lost before their words are written down

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text How are you?
    -> as it came
    * turnStarted(1, .text)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+300ms client voice 500ms
    -> as it came
+300ms gemini interrupted
    -> as it came
    * turnEnded(1, .interrupted)
+10ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    * contextLost(200ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"How are you?"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":true}} (text)
    * contextRestored(1)
    -> gemini audio 500ms (text)
    * replayed(messages: 1, audio: 500ms, missing: 0s)

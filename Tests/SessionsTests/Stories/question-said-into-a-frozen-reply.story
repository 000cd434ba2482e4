# Automatic detection: the reply froze, and what the user says into it is answered: it is not said again

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
+2s client voice 1s
    -> as it came
  at 4.97s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1s client audio 600ms
    -> as it came
+400ms gemini hears And you?
    * transcribed(.client, .ByteRange(lower: 48, upper: 56))
    -> as it came
+500ms gemini audio 200ms
    -> as it came
+50ms gemini generation-complete
    -> as it came
  at 5.97s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+2s client voice 1s
    -> as it came
  at 8.97s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1s client audio 600ms
    -> as it came
+400ms gemini hears And they?
    * transcribed(.client, .ByteRange(lower: 48, upper: 57))
    * turnStarted(2, .audio)
    -> as it came
+500ms gemini closes 1011 Internal error occurred.
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
    * contextLost(400ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"How are you?"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]},{"role":"user","parts":[{"text":"And you?"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":true}} (text)
    * contextRestored(2)
    -> gemini audio 1000ms (text)
    -> gemini audio 600ms (text)
    * replayed(messages: 2, audio: 1600ms, missing: 0s)

# Without its transcript a reply leaves no words between two questions: the one it answers is told, the other said again

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
+10ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client text How are you?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 500ms)
    -> as it came
+300ms client text And you?
    -> as it came
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
+20ms gemini interrupted
    -> as it came
+20ms gemini turn-complete
    -> as it came
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    * contextLost(200ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"How are you?"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":false}} (text)
    * contextRestored(1)
    -> gemini {"realtimeInput":{"text":"And you?"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)

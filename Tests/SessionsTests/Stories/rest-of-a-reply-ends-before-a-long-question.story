# The user speaks for seconds over a reply whose interruption nobody told: what comes after that is the answer

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
+1s client text How are you?
    -> as it came
    * turnStarted(1, .text)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+200ms client text And they?
    -> as it came
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
+200ms client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 1s
    -> as it came
+1s client audio 1s
    -> as it came
+1s client audio 1s
    -> as it came
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 3s)
    * turnEnded(2, .interrupted)
    * turnStarted(3, .audio)
+700ms gemini hears And you?
    * transcribed(.client, .ByteRange(lower: 48, upper: 56))
    -> as it came
+100ms gemini audio 200ms
    * firstAudio(3, after: 800ms)
    -> as it came
+50ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
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
    * contextLost(400ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"How are you?"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]},{"role":"user","parts":[{"text":"And they? And you?"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":true}} (text)
    * contextRestored(2)

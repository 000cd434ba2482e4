# I13, I15: a question the user went on from is said again with what went on, as one activity: apart it would be interrupted again, and end again

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+300ms gemini hears In Oslo,
    * transcribed(.client, .ByteRange(lower: 48, upper: 56))
    -> as it came
+100ms client start
    -> as it came
    * activityStarted(by: .client)
+20ms gemini interrupted
    -> as it came
    * turnEnded(1, .interrupted)
+10ms gemini turn-complete
    -> as it came
+20ms client audio 500ms
    -> as it came
+200ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini audio 500ms (text)
    * replayed(messages: 3, audio: 1200ms, missing: 0s)
+200ms client end
    -> as it came
    * activityEnded(by: .client, audio: 500ms)
    * turnStarted(2, .audio)
+300ms gemini hears is it warm?
    * transcribed(.client, .ByteRange(lower: 48, upper: 59))
    -> as it came
+700ms gemini audio 200ms
    * firstAudio(2, after: 1s)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

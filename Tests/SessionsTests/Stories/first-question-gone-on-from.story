# I15: the session's first question, which the user went on from before any reply, is said again and not told as well

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
+1s client text Name a river.
    -> as it came
    * turnStarted(1, .text)
+100ms client start
    -> as it came
    * activityStarted(by: .client)
+20ms gemini interrupted
    -> as it came
    * turnEnded(1, .interrupted)
+10ms gemini turn-complete
    -> as it came
+20ms client audio 300ms
    -> as it came
+50ms gemini closes 1011 Internal error occurred.
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
    -> gemini {"realtimeInput":{"text":"Name a river."}} (text)
    -> gemini activityStart (text)
    -> gemini audio 300ms (text)
    * replayed(messages: 3, audio: 300ms, missing: 0s)
+300ms client audio 300ms
    -> as it came
+300ms client end
    -> as it came
    * activityEnded(by: .client, audio: 600ms)
    * turnStarted(2, .audio)
+700ms gemini audio 300ms
    * firstAudio(2, after: 700ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

# I13: a question that was interrupted before its first sound is said again, and is interrupted again: the client has had that end

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
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text And a hill?
    -> as it came
    * turnStarted(2, .text)
+200ms client start
    -> as it came
    * activityStarted(by: .client)
+10ms gemini interrupted
    -> as it came
    * turnEnded(2, .interrupted)
+10ms gemini turn-complete
    -> as it came
+10ms client audio 600ms
    -> as it came
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini {"realtimeInput":{"text":"And a hill?"}} (text)
    -> gemini activityStart (text)
    -> gemini audio 600ms (text)
    * replayed(messages: 3, audio: 600ms, missing: 0s)
+20ms gemini interrupted
    * byproductKept(.answer)
+20ms gemini turn-complete
    * byproductKept(.emptyTurn)
+300ms client end
    -> as it came
    * activityEnded(by: .client, audio: 600ms)
    * turnStarted(3, .audio)
+700ms gemini audio 300ms
    * firstAudio(3, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)

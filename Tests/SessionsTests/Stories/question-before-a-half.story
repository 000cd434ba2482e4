# FC 16.17: a question waits as the next one comes in halves: the reply to the first half answers neither, and a new connection hears both

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
+10ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+500ms client start
    -> as it came
    * activityStarted(by: .client)
+100ms gemini interrupted
    -> as it came
    * turnEnded(1, .interrupted)
+20ms gemini turn-complete
    -> as it came
+10ms client audio 600ms
    -> as it came
  at 3.8s
    * ruleApplied(.deadAir, .enforce, detail: .audio(600ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 600ms)
    * turnStarted(2, .audio)
+1400ms gemini audio 300ms
    * firstAudio(2, after: 200ms)
    -> as it came
+600ms client audio 500ms
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
    * turnEnded(2, .interrupted)
+10ms gemini interrupted
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
+10ms gemini turn-complete
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
+600ms client end
    -> as it came
    * activityEnded(by: .client, audio: 500ms)
    * turnStarted(3, .audio)
+100ms gemini closes 1011 Internal error occurred.
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
    * contextLost(300ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini audio 600ms (text)
    -> gemini audio 500ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 5, audio: 1800ms, missing: 0s)
+700ms gemini audio 300ms
    * firstAudio(3, after: 1040ms)
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+1s nothing

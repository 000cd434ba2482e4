# A climb that is exhausted while the user speaks: the end of what they say asks, and climbs again
policy recovery.attempts=1
policy models.fallback=none

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
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 140ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    * replayed(messages: 2, audio: 700ms, missing: 0s)
+100ms client audio 300ms
    -> as it came
+300ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * gaveUp(.closed(.internalError), "1 attempts to reconnect failed (recovery.attempts)")
+40ms client audio 300ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+300ms client audio 300ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+300ms client end
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
    * troubled(.closed(.unavailable), nil)
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.unavailable), .rebuilt, after: 140ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini audio 300ms (text)
    * replayed(messages: 3, audio: 1s, missing: 0s)
    -> gemini audio 300ms (text)
    -> gemini audio 300ms (text)
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 1600ms)
    * turnStarted(1, .audio)
+300ms gemini audio 500ms
    * firstAudio(1, after: 300ms)
    -> as it came
+100ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+300ms gemini audio 500ms
    * firstAudio(2, after: 300ms)
    -> as it came
+100ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client closes 1000
    * closed(.client, .Close(code: 1000, reason: ""), by: .client)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    * ended(.completed)

# I2: an activity that is known and answered but for a picture that a newer one replaced is not begun again

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
+20ms client audio 300ms
    -> as it came
+20ms client sends {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"AAAA"}}}
    -> as it came
+20ms client audio 300ms
    -> as it came
+20ms client sends {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"BBBB"}}}
    -> as it came
+20ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(600ms))
    -> as it came
    * activityEnded(by: .client, audio: 600ms)
    * turnStarted(1, .audio)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+20ms gemini closes 1011 Internal error occurred.
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
    -> gemini audio 300ms (text)
    -> gemini audio 300ms (text)
    -> gemini {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"BBBB"}}} (text)
    -> gemini activityEnd (text)
    * replayed(messages: 5, audio: 600ms, missing: 0s)
+500ms gemini calls f as b-1
    * recovered(.closed(.internalError), after: 740ms)
    * callRemembered(1)
+20ms gemini audio 200ms
    * firstAudio(1, after: 1280ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+500ms client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 300ms
    -> as it came
+300ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(300ms))
    -> as it came
    * activityEnded(by: .client, audio: 300ms)
    * turnStarted(2, .audio)
+50ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 240ms)
    -> gemini activityStart (text)
    -> gemini audio 300ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 300ms, missing: 0s)

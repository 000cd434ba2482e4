# A handle that came while a call was open is left for the one before it

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
+20ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+500ms gemini calls f as c-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 150ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+100ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
+300ms gemini calls f as c-2
    * recovered(.closed(.internalError), after: 550ms)
    * callRemembered(1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"c-2","name":"f","response":{"ok":true}}]}} (text)
+300ms gemini audio 200ms
    * firstAudio(1, after: 1460ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

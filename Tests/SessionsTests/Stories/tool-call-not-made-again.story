# The connection dies at a call, and the next one answers without it: the turn that the call would have ended is ended here, and its result is told with the next question

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025 "tools":[{"functionDeclarations":[{"name":"f"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
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
+500ms gemini calls f
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+10ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+500ms gemini audio 200ms
    * firstAudio(1, after: 1250ms)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * recovered(.closed(.internalError), after: 740ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+100ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> gemini {"realtimeInput":{"text":"(For you to know, not to answer: Result of f: {\"ok\":true})"}} (text)
    * contextRestored(1)
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+500ms gemini audio 200ms
    * firstAudio(2, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

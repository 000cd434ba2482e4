# A model that is gone: the session goes on with the sibling at once, the client's old handle does not
policy models.fallback=gemini-2.5-flash-native-audio-preview-09-2025:gemini-3.1-flash-live-preview

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-09-2025 "sessionResumption":{"handle":"old"},"proactivity":{"proactiveAudio":true}
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> as it came
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-09-2025", vad: .manual)
+0s client says Hello
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+100ms gemini closes 1008 models/gemini-2.5-flash-native-audio-preview-09-2025 is not found for API version v1beta, or is not supported for bidiGenerateContent.
    * closed(.gemini, .Close(code: 1008, reason: "models/gemini-2.5-flash-native-audio-preview-09-2025 is not found for API version v1beta, or is not supported for bidiGenerateContent."), by: .gemini)
    * troubled(.closed(.model), Optional(.Close(code: 1008, reason: "models/gemini-2.5-flash-native-audio-preview-09-2025 is not found for API version v1beta, or is not supported for bidiGenerateContent.")))
    * fellBack(from: "gemini-2.5-flash-native-audio-preview-09-2025", to: "gemini-3.1-flash-live-preview")
    * ruleApplied(.setupFields, .enforce, detail: .field("proactivity"))
    * contextLost(0s)
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    -> as it came
    * reconnected(2, .closed(.model), .redialed, after: 240ms)
    * ruleApplied(.contentAsText, .enforce, detail: .none)
    -> gemini {"realtimeInput":{"text":"Hello"}} (text)
    * typed("Hello")
    * turnStarted(1, .text)
+400ms gemini audio 500ms
    * firstAudio(1, after: 400ms)
    * recovered(.closed(.model), after: 640ms)
    -> as it came
+100ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

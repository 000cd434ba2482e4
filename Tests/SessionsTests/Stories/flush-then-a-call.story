# FC 9.1: the end of a turn that follows a call is the call's, flush or no flush

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025 "inputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("outputAudioTranscription"))
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client noise 100ms
    -> as it came
+100ms client voice 500ms
    * ruleApplied(.flush, .enforce, detail: .audio(16100ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 16100ms)
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
+500ms client voice 500ms
    -> as it came
+100ms client end
    -> as it came
    * activityEnded(by: .client, audio: 1s)
    * turnStarted(1, .audio)
+300ms gemini calls weather
    * toolCalled(.ByteRange(lower: 12, upper: 71), calls: 1, after: Optional(300ms))
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+200ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(2, .tool)
+300ms gemini audio 500ms
    * firstAudio(2, after: 300ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

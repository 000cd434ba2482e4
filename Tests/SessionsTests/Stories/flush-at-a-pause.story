# FC 9.1: long speech is flushed where the speaker pauses, and the transcript goes on

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
+100ms client voice 100ms
    * ruleApplied(.flush, .enforce, detail: .audio(16100ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 16100ms)
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
+50ms gemini interrupted
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+30ms gemini turn-complete
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+10ms gemini sends {"serverContent":{"inputTranscription":{"text":"so far"}}}
    * transcribed(.client, .ByteRange(lower: 48, upper: 54))
    -> as it came
+1s client voice 1s
    -> as it came
  at 20.05s
    -> ping gemini
    -> ping client
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 3100ms)
    * turnStarted(1, .audio)
+300ms gemini audio 500ms
    * firstAudio(1, after: 300ms)
    -> as it came
+500ms gemini sends {"serverContent":{"generationComplete":true}}
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

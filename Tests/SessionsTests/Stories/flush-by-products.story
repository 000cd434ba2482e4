# FC 9.1: an answer to half a sentence is kept from the client, what was heard is not

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
+100ms gemini sends {"serverContent":{"inputTranscription":{"text":" half"},"outputTranscription":{"text":"I see"}}}
    * ruleApplied(.flush, .enforce, detail: .messages(1))
    * transcribed(.client, .ByteRange(lower: 48, upper: 53))
    -> client {"serverContent":{"inputTranscription":{"text":" half"}}} (binary)
+10ms gemini audio 200ms
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+100ms client voice 500ms
    -> as it came
+10ms gemini sends {"serverContent":{"generationComplete":true}}
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+10ms gemini turn-complete
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+500ms client voice 1s
    -> as it came
  at 20.05s
    -> ping gemini
    -> ping client
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 2s)
    * turnStarted(1, .audio)
+300ms gemini audio 500ms
    * firstAudio(1, after: 300ms)
    -> as it came
+500ms gemini sends {"serverContent":{"generationComplete":true}}
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

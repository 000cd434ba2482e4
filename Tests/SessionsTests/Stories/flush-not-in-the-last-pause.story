# FC 9.1: a pause that does not end is the end, and no time for a flush

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
+1s client noise 1s
    -> as it came
+1s client noise 1s
    -> as it came
+10ms client end
    -> as it came
    * activityEnded(by: .client, audio: 18s)
    * turnStarted(1, .audio)
+300ms gemini audio 500ms
    * firstAudio(1, after: 300ms)
    -> as it came
  at 20.05s
    -> ping gemini
    -> ping client
+500ms gemini sends {"serverContent":{"generationComplete":true}}
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

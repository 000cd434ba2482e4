# FC 0.2: whatever is told while a call is open cuts it off, so a recap waits

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025 "inputAudioTranscription":{},"outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+300ms gemini hears my name is Ada
    * transcribed(.client, .ByteRange(lower: 48, upper: 62))
    -> as it came
+20ms gemini audio 200ms
    * firstAudio(1, after: 320ms)
    -> as it came
+20ms gemini says hello
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 54))
+20ms gemini generation-complete
    -> as it came
+50ms gemini sends {"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":1000,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":1000}]}}
    * used(.ByteRange(lower: 55, upper: 143))
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
+300ms gemini calls f
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(300ms))
    -> as it came
+20ms gemini sends {"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":100,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":100}]}}
    * used(.ByteRange(lower: 55, upper: 141))
    -> as it came
    * turnEnded(2, .answered)
+100ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(3, .tool)
+300ms gemini audio 200ms
    * firstAudio(3, after: 300ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
    * stalled(.forgotten, turn: 3)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"my name is Ada"}]},{"role":"model","parts":[{"text":"hello"}]},{"role":"user","parts":[{"text":"(Result of f: {\"ok\":true})"}]}],"turnComplete":false}} (text)
    * contextRestored(3)

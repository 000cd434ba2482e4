# Of two transcripts the client asked for one: the other is asked for here, and only that one stays here; a question said again is written down once
policy transcription_inserted=enforce

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025 "outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .enforce, detail: .field("inputAudioTranscription"))
    -> gemini {"setup":{"inputAudioTranscription":{},"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
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
+300ms gemini hears my name is Ada
    * transcribed(.client, .ByteRange(lower: 48, upper: 62))
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"inputAudioTranscription":{},"sessionResumption":{"handle":"h-0"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+300ms gemini hears my name is Ada
    * byproductKept(.transcript)
+20ms gemini says hello Ada
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 58))
+20ms gemini audio 200ms
    * firstAudio(1, after: 980ms)
    * recovered(.closed(.internalError), after: 580ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+500ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"inputAudioTranscription":{},"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"my name is Ada"}]},{"role":"model","parts":[{"text":"hello Ada"}]},{"role":"user","parts":[{"text":"(The line was interrupted. This is the conversation so far. Do not greet again; reply only \"ok\" and wait.)"}]}],"turnComplete":true}} (text)
    * contextRestored(2)

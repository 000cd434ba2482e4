# FC 5.2: of a question longer than 2.5 takes at once, the beginning goes with its end, in a form that the model recalls

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
+10ms gemini hears one 
    * transcribed(.client, .ByteRange(lower: 48, upper: 52))
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
    * ruleApplied(.flush, .enforce, detail: .audio(16200ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 16200ms)
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
+50ms gemini interrupted
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+30ms gemini turn-complete
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+10ms gemini hears two 
    * transcribed(.client, .ByteRange(lower: 48, upper: 52))
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
+1s client voice 1s
    -> as it came
  at 40.05s
    -> ping gemini
    -> ping client
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
    * ruleApplied(.flush, .enforce, detail: .audio(16200ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 16200ms)
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
+50ms gemini interrupted
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+30ms gemini turn-complete
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+10ms gemini hears three 
    * transcribed(.client, .ByteRange(lower: 48, upper: 54))
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
  at 60.05s
    -> ping gemini
    -> ping client
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
    * ruleApplied(.flush, .enforce, detail: .audio(16200ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 16200ms)
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
+50ms gemini interrupted
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+30ms gemini turn-complete
    * ruleApplied(.flush, .enforce, detail: .messages(1))
+10ms gemini hears four 
    * transcribed(.client, .ByteRange(lower: 48, upper: 53))
    -> as it came
+1s client voice 1s
    -> as it came
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 1100ms)
    * turnStarted(1, .audio)
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 150ms)
    -> gemini activityStart (text)
    -> gemini audio 100ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 100ms (text)
    -> gemini audio 100ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 100ms (text)
    -> gemini audio 100ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 100ms (text)
    -> gemini audio 100ms (text)
    -> gemini audio 1000ms (text)
    -> gemini {"realtimeInput":{"text":"one "}} (text)
    * contextRestored(1)
    -> gemini activityEnd (text)
    * replayed(messages: 58, audio: 49700ms, missing: 0s)
+2s gemini audio 300ms
    * firstAudio(1, after: 2250ms)
    * recovered(.closed(.internalError), after: 2150ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

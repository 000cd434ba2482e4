# What the user said in two utterances is told with a space between them: "room 1" and "2 guests" are not "room 12"

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("outputAudioTranscription"))
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client voice 1s
    -> as it came
+20ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(1s))
    -> as it came
    * activityEnded(by: .client, audio: 1s)
    * turnStarted(1, .audio)
+100ms gemini hears My room is 1
    * transcribed(.client, .ByteRange(lower: 48, upper: 60))
    -> as it came
+300ms client start
    -> as it came
    * activityStarted(by: .client)
+20ms client voice 1s
    -> as it came
+20ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(1s))
    -> as it came
    * activityEnded(by: .client, audio: 1s)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+100ms gemini hears 2 guests, ple
    * transcribed(.client, .ByteRange(lower: 48, upper: 61))
    -> as it came
+20ms gemini hears ase
    * transcribed(.client, .ByteRange(lower: 48, upper: 51))
    -> as it came
+20ms client text 3 nights
    -> as it came
    * turnEnded(2, .interrupted)
    * turnStarted(3, .text)
+500ms gemini audio 200ms
    * firstAudio(3, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+1s gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    * contextLost(200ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"My room is 1 2 guests, please 3 nights"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":true}} (text)
    * contextRestored(1)
+3s nothing

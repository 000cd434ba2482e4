# A handle that comes before the connection has answered may lack what the connection was told, so the next one is told it again

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live "inputAudioTranscription":{},"outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
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
+500ms gemini hears my name is Ada
    * transcribed(.client, .ByteRange(lower: 48, upper: 62))
    -> as it came
+20ms gemini says hello Ada
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 58))
+20ms gemini audio 200ms
    * firstAudio(1, after: 540ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+500ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 150ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"my name is Ada"}]},{"role":"model","parts":[{"text":"hello Ada"}]}],"turnComplete":false}} (text)
    * contextRestored(2)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+300ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(3)
    -> dial 3
+50ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+100ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 150ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"my name is Ada"}]},{"role":"model","parts":[{"text":"hello Ada"}]}],"turnComplete":false}} (text)
    * contextRestored(2)
+10ms gemini handle h-2
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+500ms gemini hears what is it
    * transcribed(.client, .ByteRange(lower: 48, upper: 58))
    -> as it came
+20ms gemini says Ada
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 52))
+20ms gemini audio 200ms
    * firstAudio(2, after: 540ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+10ms gemini handle h-3
    * handleReceived(resumable: true)
+500ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(4)
    -> dial 4
+50ms gemini opens
    -> use 4
    * connected(4)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-3"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+100ms gemini setup-complete
    * setupCompleted(4)
    * byproductKept(.setupComplete)
    * reconnected(4, .closed(.internalError), .resumed, after: 150ms)

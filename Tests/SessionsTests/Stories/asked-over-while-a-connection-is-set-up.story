# The user speaks over a cut reply while the next connection is being set up: what was said before is told to it all the same

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
+20ms gemini handle h-1
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
+300ms gemini hears My name is Ada.
    * transcribed(.client, .ByteRange(lower: 48, upper: 63))
    -> as it came
+400ms gemini audio 300ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini says Hello Ada,
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+100ms gemini closes 1011 Thread was cancelled
    * closed(.gemini, .Close(code: 1011, reason: "Thread was cancelled"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Thread was cancelled")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+100ms client start
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
    -> client {"serverContent":{"interrupted":true}} (binary)
    * madeUp(.interrupted)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .interrupted)
+20ms client audio 700ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+80ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"My name is Ada."}]},{"role":"model","parts":[{"text":"Hello Ada,"}]}],"turnComplete":false}} (text)
    * contextRestored(2)
    * inputHeld(messages: 2)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 700ms (text)
+600ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+300ms gemini hears What is my name?
    * transcribed(.client, .ByteRange(lower: 48, upper: 64))
    -> as it came
+400ms gemini audio 300ms
    * firstAudio(2, after: 700ms)
    -> as it came
+20ms gemini says You are Ada.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 61))
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+20ms gemini handle h-2
    * handleReceived(resumable: true)
+1s gemini closes 1011 Thread was cancelled
    * closed(.gemini, .Close(code: 1011, reason: "Thread was cancelled"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Thread was cancelled")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-2"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 240ms)
+6s nothing

# Words without a sound are no answer: a user who speaks over them, on a lost line, has both questions said again

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+100ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text How are you?
    -> as it came
    * turnStarted(1, .text)
+1s gemini silence 300ms
    * firstAudio(1, after: 1s)
    -> as it came
+10ms gemini says I am
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 53))
+500ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(2)
    -> dial 2
+20ms client start
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+30ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 250ms)
    * replyCut(.restart)
    -> gemini {"realtimeInput":{"text":"How are you?"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
    * inputHeld(messages: 1)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
+500ms client audio 700ms
    -> as it came
+100ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+900ms gemini audio 200ms
    * firstAudio(2, after: 900ms)
    * recovered(.closed(.internalError), after: 1750ms)
    -> client {"serverContent":{"interrupted":true}} (binary)
    * madeUp(.interrupted)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+5s nothing

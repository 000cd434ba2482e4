# Who asks anew over an open reply has heard enough of it, even if the line dies before interrupted

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
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
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini says Good day, what can I do for you?
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 81))
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
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
    * turnStarted(2, .audio)
+100ms gemini hears What is the capital of France?
    * transcribed(.client, .ByteRange(lower: 48, upper: 78))
    -> as it came
+700ms gemini audio 200ms
    * firstAudio(2, after: 800ms)
    -> as it came
+20ms gemini says The capital of
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 63))
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 300ms
    -> as it came
+300ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(300ms))
    -> as it came
    * activityEnded(by: .client, audio: 300ms)
    * turnEnded(2, .interrupted)
    * turnStarted(3, .audio)
+20ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    -> client {"serverContent":{"interrupted":true}} (binary)
    * madeUp(.interrupted)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini activityStart (text)
    -> gemini audio 300ms (text)
    -> gemini {"realtimeInput":{"text":"(You lost the thread. So far, for you to remember, not to answer: User: What is the capital of France? You: The capital of)"}} (text)
    * contextRestored(2)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 300ms, missing: 0s)
+700ms gemini audio 200ms
    * firstAudio(3, after: 960ms)
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)

# A handle is worth more than the words of one side alone: what it lacks comes with the next question

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("inputAudioTranscription"))
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
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
+500ms gemini says hello Ada
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 58))
+20ms gemini audio 200ms
    * firstAudio(1, after: 520ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+100ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 500ms
    -> as it came
+500ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(500ms))
    -> as it came
    * activityEnded(by: .client, audio: 500ms)
    * turnStarted(2, .audio)
+500ms gemini says it is noon
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+20ms gemini audio 200ms
    * firstAudio(2, after: 520ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 500ms
    -> as it came
+500ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(500ms))
    -> as it came
    * activityEnded(by: .client, audio: 500ms)
    * turnStarted(3, .audio)
+500ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    * contextLost(500ms)
    -> gemini activityStart (text)
    -> gemini audio 500ms (text)
    -> gemini {"realtimeInput":{"text":"(You lost the thread. So far, for you to remember, not to answer: You: it is noon)"}} (text)
    * contextRestored(1)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 500ms, missing: 0s)
+700ms gemini audio 200ms
    * firstAudio(3, after: 1440ms)
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)

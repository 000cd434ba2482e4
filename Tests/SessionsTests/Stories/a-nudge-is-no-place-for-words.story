# Words that come after a nudge and a reconnect belong to the question: a connection that was asked it is told nothing

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
  at 6.0s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 10.0s
    * stalled(.firstReplyNever, turn: 1)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(2)
    -> dial 2
+10s nothing
+40ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+50ms gemini closes 1000
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.firstReplyNever), .resumed, after: 6290ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+100ms gemini hears How are you?
    * transcribed(.client, .ByteRange(lower: 48, upper: 60))
    -> as it came
+300ms gemini says Very well.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+10ms gemini audio 400ms
    * firstAudio(1, after: 10720ms)
    * recovered(.stalled(.firstReplyNever), after: 6720ms)
    -> as it came
+50ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-2
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
+100ms gemini hears And they?
    * transcribed(.client, .ByteRange(lower: 48, upper: 57))
    -> as it came
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
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
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+2s nothing

# A connection that is lost before the rest of a cut reply came: the next one is asked for the rest again

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
+1s client text Where is it?
    -> as it came
    * turnStarted(1, .text)
+300ms gemini says It is behind the
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 65))
+10ms gemini audio 200ms
    * firstAudio(1, after: 310ms)
    -> as it came
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    * replyCut(.continue)
    -> gemini {"realtimeInput":{"text":"Where is it?\n\nGo on exactly after the words \"It is behind the\"; repeat nothing."}} (text)
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 580ms)
    * replyCut(.continue)
    -> gemini {"realtimeInput":{"text":"Where is it?\n\nGo on exactly after the words \"It is behind the\"; repeat nothing."}} (text)
+300ms gemini says  house.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 56))
+10ms gemini audio 400ms
    * recovered(.closed(.internalError), after: 890ms)
    -> as it came
+50ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text And now?
    -> as it came
    * turnStarted(2, .text)
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(4)
    -> dial 4
+40ms gemini opens
    -> use 4
    * connected(4)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(4)
    * byproductKept(.setupComplete)
    * reconnected(4, .closed(.internalError), .resumed, after: 240ms)
    -> gemini {"realtimeInput":{"text":"And now?"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+2s nothing

# A reply of which only words have come is not continued: nobody heard its beginning

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
+50ms gemini opens
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
+900ms gemini audio 200ms
    * recovered(.closed(.internalError), after: 1150ms)
    -> as it came
+10ms gemini says I am well
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 58))
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+5s nothing

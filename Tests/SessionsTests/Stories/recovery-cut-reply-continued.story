# A reply cut off after a handle that covers its question is gone on with

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
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini says The capital of
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 63))
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+100ms gemini closes 1011 Thread was cancelled
    * closed(.gemini, .Close(code: 1011, reason: "Thread was cancelled"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Thread was cancelled")))
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
    * replyCut(.continue)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini {"realtimeInput":{"text":"Go on exactly after the words \"The capital of\"; repeat nothing."}} (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+600ms gemini audio 200ms
    * recovered(.closed(.internalError), after: 840ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

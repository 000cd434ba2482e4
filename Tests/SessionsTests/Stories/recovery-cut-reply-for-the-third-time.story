# A reply that is cut for the third time is asked for anew, also where the question is known

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
+1s client text What is the capital?
    -> as it came
    * turnStarted(1, .text)
+100ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h-1","resumable":true,"lastConsumedClientMessageIndex":"2"}}
    * handleReceived(resumable: true)
+500ms gemini audio 300ms
    * firstAudio(1, after: 600ms)
    -> as it came
+20ms gemini says The capital of
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 63))
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
    -> gemini {"realtimeInput":{"text":"Go on exactly after the words \"The capital of\"; repeat nothing."}} (text)
+600ms gemini audio 300ms
    * recovered(.closed(.internalError), after: 840ms)
    -> as it came
+20ms gemini says  France
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 56))
+100ms gemini closes 1011 Thread was cancelled
    * closed(.gemini, .Close(code: 1011, reason: "Thread was cancelled"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Thread was cancelled")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 240ms)
    * replyCut(.continue)
    -> gemini {"realtimeInput":{"text":"Go on exactly after the words \"The capital of France\"; repeat nothing."}} (text)
+600ms gemini audio 300ms
    * recovered(.closed(.internalError), after: 840ms)
    -> as it came
+20ms gemini says  France
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 56))
+100ms gemini closes 1011 Thread was cancelled
    * closed(.gemini, .Close(code: 1011, reason: "Thread was cancelled"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Thread was cancelled")))
    * dialing(4)
    -> dial 4
+40ms gemini opens
    -> use 4
    * connected(4)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(4)
    * byproductKept(.setupComplete)
    * reconnected(4, .closed(.internalError), .resumed, after: 240ms)
    * replyCut(.restart)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+600ms gemini audio 300ms
    * recovered(.closed(.internalError), after: 840ms)
    -> as it came
+20ms gemini says The capital of France is Paris.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 80))
+20ms gemini generation-complete
    -> as it came
+300ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

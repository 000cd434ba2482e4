# A reply was cut off behind its last word, and the model has nothing to add: that is the end of the turn

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
+1s client text Hello.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini says It is Paris.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 61))
+100ms gemini closes 1011 Thread was cancelled
    * closed(.gemini, .Close(code: 1011, reason: "Thread was cancelled"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Thread was cancelled")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    * replyCut(.continue)
    -> gemini {"realtimeInput":{"text":"Hello.\n\nGo on exactly after the words \"It is Paris.\"; repeat nothing."}} (text)
+600ms gemini generation-complete
+20ms gemini sends {"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":50,"responseTokenCount":3,"totalTokenCount":53}}
    * used(.ByteRange(lower: 55, upper: 122))
    -> client {"serverContent":{"generationComplete":true}} (binary)
    -> as it came
    * turnEnded(1, .answered)
+10s nothing

# Nobody may interrupt: a model that thinks aloud still owes the first answer, and says it before the second

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.8-live-extended-thinking","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live-extended-thinking","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
    * setUp(model: "models/gemini-3.8-live-extended-thinking", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text How are you?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 500ms)
    -> as it came
+500ms client text And you?
    -> as it came
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
+1s gemini sends {"serverContent":{"turnComplete":true,"interactionStatus":"IN_PROGRESS"}}
    -> as it came
+500ms gemini audio 200ms
    -> as it came
+100ms gemini closes 1000
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .gemini)
    * troubled(.closed(.normal), Optional(.Close(code: 1000, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live-extended-thinking","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.normal), .rebuilt, after: 240ms)
    -> gemini {"realtimeInput":{"text":"How are you?"}} (text)
    -> gemini {"realtimeInput":{"text":"And you?"}} (text)
    * replayed(messages: 2, audio: 0s, missing: 0s)
+700ms gemini audio 200ms
    * firstAudio(2, after: 2540ms)
    * recovered(.closed(.normal), after: 940ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini sends {"serverContent":{"turnComplete":true,"interactionStatus":"IDLE"}}
    -> as it came
    * turnEnded(2, .answered)
+500ms gemini audio 200ms
    * turnStarted(3, .none)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini sends {"serverContent":{"turnComplete":true,"interactionStatus":"IDLE"}}
    -> as it came
    * turnEnded(3, .answered)

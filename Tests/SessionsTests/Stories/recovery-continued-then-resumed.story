# I15: a connection that went on with a reply knows its question and all its words

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
+1s client text Name a river.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+10ms gemini says The longest
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 60))
+50ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    * replyCut(.continue)
    -> gemini {"realtimeInput":{"text":"Name a river.\n\nGo on exactly after the words \"The longest\"; repeat nothing."}} (text)
+700ms gemini audio 300ms
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+10ms gemini says  is the Nile.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 62))
+20ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text And a hill?
    -> as it came
    * turnStarted(2, .text)
+300ms gemini closes 1000 Bye
    * closed(.gemini, .Close(code: 1000, reason: "Bye"), by: .gemini)
    * troubled(.closed(.normal), Optional(.Close(code: 1000, reason: "Bye")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.normal), .resumed, after: 240ms)
    -> gemini {"realtimeInput":{"text":"And a hill?"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+700ms gemini audio 300ms
    * firstAudio(2, after: 1240ms)
    * recovered(.closed(.normal), after: 940ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

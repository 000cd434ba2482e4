# I15: what is to be told with the next question is not known before: the next connection is told it, if this one was not

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
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text And a hill?
    -> as it came
    * turnStarted(2, .text)
+500ms gemini audio 300ms
    * firstAudio(2, after: 500ms)
    -> as it came
+10ms gemini says Etna.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 54))
+20ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client text And a lake?
    -> as it came
    * turnStarted(3, .text)
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
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
    * contextRestored(2)
    -> gemini {"realtimeInput":{"text":"(You lost the thread. So far, for you to remember, not to answer: User: And a hill? You: Etna.)\n\nAnd a lake?"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+500ms gemini audio 300ms
    * firstAudio(3, after: 840ms)
    * recovered(.closed(.internalError), after: 740ms)
    -> as it came
+10ms gemini says Como.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 54))
+20ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+10ms gemini handle h-2
    * handleReceived(resumable: true)
+1s gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-2"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 240ms)
+1s client text Thanks.
    -> as it came
    * turnStarted(4, .text)
+500ms gemini audio 300ms
    * firstAudio(4, after: 500ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(4, .answered)

# I15: a result that was left for the next question is told to the connection that takes its place

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
+1s client text What is f?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+300ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
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
    -> gemini {"realtimeInput":{"text":"What is f?"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+700ms gemini says I do not know.
    * byproductKept(.answer)
+10ms gemini audio 200ms
    * firstAudio(1, after: 1750ms)
    * recovered(.closed(.internalError), after: 950ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
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
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> gemini {"realtimeInput":{"text":"(You lost the thread. So far, for you to remember, not to answer: (Result of f: {\"ok\":true}))"}} (text)
    * contextRestored(1)
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+700ms gemini audio 200ms
    * firstAudio(2, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

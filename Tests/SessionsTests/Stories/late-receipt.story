# What comes over a connection that is being left is said again on the next; its receipt counts

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
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini says Good day, what can I do for you?
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 81))
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
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
  at 8.51s
    * stalled(.noOutput, turn: 2)
    * nudged(turn: 2, .noOutput)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 12.51s
    * stalled(.noOutput, turn: 2)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.noOutput), nil)
    * dialing(2)
    -> dial 2
+9s nothing
+40ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+40ms gemini sends {"serverContent":{"outputTranscription":{"text":"Late."},"turnComplete":true,"futureField":1},"usageMetadata":{"totalTokenCount":9}}
    * used(.ByteRange(lower: 110, upper: 131))
    * byproductKept(.late)
    -> client {"serverContent":{"futureField":1},"usageMetadata":{"totalTokenCount":9}} (binary)
+40ms gemini closes 1000
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.noOutput), .resumed, after: 5320ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+700ms gemini audio 200ms
    * firstAudio(2, after: 10020ms)
    * recovered(.stalled(.noOutput), after: 6020ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

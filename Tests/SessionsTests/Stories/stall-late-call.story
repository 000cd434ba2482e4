# I8: the nudge leads to a call, and the late answer to the same one

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
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
  at 5.26s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+4s gemini calls f as a-1
    * nudgeEnded(.answered)
    * recovered(.stalled(.firstReplyNever), after: 0s)
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(4s))
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+500ms gemini calls f as a-2
    * callRemembered(1)
+200ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"a-1","name":"f","response":{"ok":true}},{"id":"a-2","name":"f","response":{"ok":true}}]}} (text)
    * turnStarted(2, .tool)
+300ms gemini audio 200ms
    * firstAudio(2, after: 300ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

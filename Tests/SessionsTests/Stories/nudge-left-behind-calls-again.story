# I8: where nobody may interrupt, a nudge is answered after the question that came behind it

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.8-live","realtimeInputConfig":{"activityHandling":"NO_INTERRUPTION","automaticActivityDetection":{"disabled":true}}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"activityHandling":"NO_INTERRUPTION","automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text one
    -> as it came
    * turnStarted(1, .text)
  at 5.26s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+4500ms client text two
    -> as it came
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
+1s gemini calls report as c-1
    * toolCalled(.ByteRange(lower: 12, upper: 70), calls: 1, after: Optional(1s))
    -> as it came
+10ms gemini audio 100ms
    * firstAudio(2, after: 1010ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+100ms gemini calls report as c-2
    * callRemembered(1)
+1s client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"c-1","name":"f","response":{"ok":true}},{"id":"c-2","name":"f","response":{"ok":true}}]}} (text)
    * turnStarted(3, .tool)
+1s nothing

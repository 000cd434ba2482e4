# I8, FC 8.7: a superfluous nudge makes the model call again, in the message that ends its turn

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
+1s client text one
    -> as it came
    * turnStarted(1, .text)
  at 5.26s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+5s gemini sends {"serverContent":{"turnComplete":true},"toolCall":{"functionCalls":[{"id":"c-1","name":"report","args":{"about":"x"}}]}}
    * nudgeEnded(.answered)
    * recovered(.stalled(.firstReplyNever), after: 1s)
    * toolCalled(.ByteRange(lower: 50, upper: 119), calls: 1, after: Optional(5s))
    -> as it came
    * turnEnded(1, .answered)
+10ms gemini audio 100ms
    * nudgeEnded(.duplicate)
    * byproductKept(.answer)
+10ms gemini sends {"serverContent":{"turnComplete":true},"toolCall":{"functionCalls":[{"id":"c-2","name":"report","args":{"about":"x"}}]}}
    * byproductKept(.answer)
    * callRemembered(1)
+1s client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"c-1","name":"f","response":{"ok":true}},{"id":"c-2","name":"f","response":{"ok":true}}]}} (text)
    * turnStarted(2, .tool)
+1s nothing

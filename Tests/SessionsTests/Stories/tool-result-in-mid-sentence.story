# A result that may wait comes in mid-sentence: the model says that to its end, which is no answer to the result, and owes one

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live "tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+100ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+150ms gemini audio 150ms
    * firstAudio(1, after: 650ms)
    -> as it came
+150ms gemini audio 150ms
    -> as it came
+20ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+150ms gemini audio 150ms
    -> as it came
+150ms gemini audio 150ms
    -> as it came
+150ms gemini audio 150ms
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
    * turnStarted(2, .tool)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
  at 6.7s
    * stalled(.toolResultIgnored, turn: 2)
    * nudged(turn: 2, .toolResultIgnored)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 10.7s
    * stalled(.toolResultIgnored, turn: 2)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.toolResultIgnored), nil)
    * dialing(2)
    -> dial 2
+12s nothing

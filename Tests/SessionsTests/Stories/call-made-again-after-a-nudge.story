# I8: nudged about a result, the model calls again: the call is answered from memory

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
+1s client text Name a river.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text Run it.
    -> as it came
    * turnStarted(2, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+100ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
  at 7.42s
    * stalled(.toolResultIgnored, turn: 2)
    * nudged(turn: 2, .toolResultIgnored)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+6s nothing
+300ms gemini calls f as a-2
    * recovered(.stalled(.toolResultIgnored), after: 2300ms)
    * callRemembered(1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"a-2","name":"f","response":{"ok":true}}]}} (text)
+700ms gemini audio 300ms
    * firstAudio(2, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

# Without transcription a call is the first sign of a question: a wait after its result is learned, and the next question's call is not answered from memory
learns

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.1-flash-live-preview"}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
    learned: nudge after 4000 ms, move after 18000 ms
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client voice 1s
    -> as it came
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini calls f as a-1
    * turnStarted(1, .audio)
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(1500ms))
    -> as it came
+500ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
  at 7.26s
    * stalled(.toolResultIgnored, turn: 1)
    * nudged(turn: 1, .toolResultIgnored)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+9s gemini audio 200ms
    * firstAudio(1, after: 9s)
    * recovered(.stalled(.toolResultIgnored), after: 5s)
    -> as it came
    learned: nudge after 11000 ms, move after 24000 ms
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client voice 1s
    -> as it came
  at 14.48s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini calls f as a-2
    * turnStarted(2, .audio)
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(1500ms))
    -> as it came
+500ms client answers a-2
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
  at 20.05s
    -> ping gemini
    -> ping client
+9s gemini audio 200ms
    * firstAudio(2, after: 9s)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
    learned: nudge after 11701 ms, move after 24000 ms
+3s nothing

# A model that takes nine seconds after each result is nudged once, also if it has said a sentence before the call
learns

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
    learned: nudge after 4000 ms, move after 18000 ms
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: nil)
    -> as it came
+500ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
  at 6.28s
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
+1s client text Run it again.
    -> as it came
    * turnStarted(2, .text)
+500ms gemini audio 200ms
    * firstAudio(2, after: 500ms)
    -> as it came
+20ms gemini calls f as a-2
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: nil)
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
+1s client text And again.
    -> as it came
    * turnStarted(3, .text)
+500ms gemini audio 200ms
    * firstAudio(3, after: 500ms)
    -> as it came
+20ms gemini calls f as a-3
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: nil)
    -> as it came
+500ms client answers a-3
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+9s gemini audio 200ms
    * firstAudio(3, after: 9s)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)

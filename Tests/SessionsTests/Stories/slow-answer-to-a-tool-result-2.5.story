# A model that takes nine seconds after each result is nudged once, also if its turn ends at the call
learns

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
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
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+500ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(2, .tool)
  at 6.33s
    * stalled(.toolResultIgnored, turn: 2)
    * nudged(turn: 2, .toolResultIgnored)
    -> gemini {"clientContent":{"turnComplete":true}} (text)
+9s gemini audio 200ms
    * nudgeEnded(.answered)
    * firstAudio(2, after: 9s)
    * recovered(.stalled(.toolResultIgnored), after: 5s)
    -> as it came
    learned: nudge after 11000 ms, move after 24000 ms
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client text Run it again.
    -> as it came
    * turnStarted(3, .text)
+500ms gemini audio 200ms
    * firstAudio(3, after: 500ms)
    -> as it came
+20ms gemini calls f as a-2
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: nil)
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+500ms client answers a-2
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(4, .tool)
  at 20.05s
    -> ping gemini
    -> ping client
+9s gemini audio 200ms
    * firstAudio(4, after: 9s)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(4, .answered)
    learned: nudge after 11701 ms, move after 24000 ms
+1s client text And again.
    -> as it came
    * turnStarted(5, .text)
+500ms gemini audio 200ms
    * firstAudio(5, after: 500ms)
    -> as it came
+20ms gemini calls f as a-3
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: nil)
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(5, .answered)
+500ms client answers a-3
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(6, .tool)
+9s gemini audio 200ms
    * firstAudio(6, after: 9s)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(6, .answered)

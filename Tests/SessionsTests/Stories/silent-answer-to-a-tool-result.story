# FC 16.10: what was said before the call does not make a silent answer heard

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
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+100ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: nil)
    -> as it came
+100ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+600ms gemini silence 300ms
    * firstAudio(1, after: 600ms)
    -> as it came
+100ms gemini silence 300ms
    -> as it came
+100ms gemini silence 300ms
    -> as it came
+100ms gemini silence 300ms
    -> as it came
+20ms gemini generation-complete
+50ms gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.silentAudio, turn: 1)
    * nudged(turn: 1, .silentAudio)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+500ms gemini audio 200ms
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * recovered(.stalled(.silentAudio), after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

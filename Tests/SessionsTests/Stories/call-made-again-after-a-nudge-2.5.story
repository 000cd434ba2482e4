# I8, I13: where turns end at calls, a call that is made again after a nudge ends its turn again, and the client had that end

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
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client says Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+100ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(2, .tool)
+300ms gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.emptyTurn, turn: 2)
    * nudged(turn: 2, .emptyTurn)
    -> gemini {"clientContent":{"turnComplete":true}} (text)
+300ms gemini calls f as a-2
    * recovered(.stalled(.emptyTurn), after: 300ms)
    * callRemembered(1)
    * byproductKept(.emptyTurn)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"a-2","name":"f","response":{"ok":true}}]}} (text)
+20ms gemini turn-complete
    * byproductKept(.emptyTurn)
+700ms gemini audio 300ms
    * firstAudio(2, after: 1320ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

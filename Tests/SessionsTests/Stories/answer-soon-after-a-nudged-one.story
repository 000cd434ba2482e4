# Behind a nudged turn, a service that hears the next question out sooner than it was told: its answer is no second reply to the nudge

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 700ms
    -> as it came
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini turn-complete
    * turnStarted(1, .audio)
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.emptyTurn, turn: 1)
    * nudged(turn: 1, .emptyTurn)
    -> gemini {"clientContent":{"turnComplete":true}} (text)
+500ms gemini audio 200ms
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * firstAudio(1, after: 2s)
    * recovered(.stalled(.emptyTurn), after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+300ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+300ms client audio 700ms
    -> as it came
+600ms gemini audio 200ms
    * turnStarted(2, .none)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+300ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
  at 4.88s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 20.05s
    -> ping gemini
    -> ping client
+20s nothing

# An answer of full length in which nothing can be heard is none: its end is held, and the question asked again

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
+1s client text hello
    -> as it came
    * turnStarted(1, .text)
+500ms gemini silence 1200ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini generation-complete
+1s gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.silentAudio, turn: 1)
    * nudged(turn: 1, .silentAudio)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+700ms gemini audio 200ms
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * recovered(.stalled(.silentAudio), after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

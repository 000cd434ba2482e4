# FC 6.3: a few tokens of text are no answer, wherever their report comes

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
+1s client text Hello?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"Hm."}]}}}
    -> as it came
+20ms gemini sends {"usageMetadata":{"promptTokenCount":40,"responseTokenCount":2}}
    * used(.ByteRange(lower: 17, upper: 63))
    -> as it came
+20ms gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.textOnly, turn: 1)
    * nudged(turn: 1, .textOnly)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+500ms gemini audio 200ms
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * firstAudio(1, after: 1040ms)
    * recovered(.stalled(.textOnly), after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client text And how are you?
    -> as it came
    * turnStarted(2, .text)
+500ms gemini says Hm.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 52))
+20ms gemini sends {"serverContent":{"generationComplete":true,"turnComplete":true},"usageMetadata":{"promptTokenCount":50,"responseTokenCount":2}}
    * used(.ByteRange(lower: 81, upper: 127))
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.textOnly, turn: 2)
    * nudged(turn: 2, .textOnly)
    -> gemini {"realtimeInput":{"text":" "}} (text)
    -> client {"usageMetadata":{"promptTokenCount":50,"responseTokenCount":2}} (binary)
+500ms gemini audio 200ms
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * firstAudio(2, after: 1020ms)
    * recovered(.stalled(.textOnly), after: 500ms)
    -> as it came
+20ms gemini sends {"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":50,"responseTokenCount":20}}
    * used(.ByteRange(lower: 55, upper: 102))
    -> as it came
    * turnEnded(2, .answered)
+3s nothing

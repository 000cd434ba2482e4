# FC 6.3: where a token hides the setup, text may be all that is asked for, until the model has spoken
locked

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Hello?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"Hello!"}]}}}
    -> as it came
    * wrote
+20ms gemini sends {"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":5,"responseTokenCount":2}}
    * used(.ByteRange(lower: 55, upper: 100))
    -> as it came
    * turnEnded(1, .answered)
+3s client text And now?
    -> as it came
    * turnStarted(2, .text)
+500ms gemini audio 200ms
    * firstAudio(2, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+3s client text And then?
    -> as it came
    * turnStarted(3, .text)
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"Hm."}]}}}
    -> as it came
+20ms gemini sends {"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":5,"responseTokenCount":2}}
    * used(.ByteRange(lower: 55, upper: 100))
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.textOnly, turn: 3)
    * nudged(turn: 3, .textOnly)
    -> gemini {"realtimeInput":{"text":" "}} (text)
    -> client {"usageMetadata":{"promptTokenCount":5,"responseTokenCount":2}} (binary)
+500ms gemini audio 200ms
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * firstAudio(3, after: 1020ms)
    * recovered(.stalled(.textOnly), after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+3s nothing

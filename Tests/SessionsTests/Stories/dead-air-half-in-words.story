# FC 6.3: the answer to what may be half a question has words and no sound: it is asked for again at once, and not taken for an answer whose end waits

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+100ms client audio 300ms
    -> as it came
  at 2.56s
    * ruleApplied(.deadAir, .enforce, detail: .audio(300ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 300ms)
    * turnStarted(1, .audio)
+1700ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"..."}]}}}
    -> as it came
+10ms gemini sends {"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":9,"responseTokenCount":1,"totalTokenCount":10}}
    * used(.ByteRange(lower: 55, upper: 121))
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.textOnly, turn: 1)
    * nudged(turn: 1, .textOnly)
    -> gemini {"realtimeInput":{"text":" "}} (text)
    -> client {"usageMetadata":{"promptTokenCount":9,"responseTokenCount":1,"totalTokenCount":10}} (binary)
+900ms gemini audio 200ms
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * firstAudio(1, after: 1410ms)
    * recovered(.stalled(.textOnly), after: 900ms)
    -> as it came
+10ms gemini generation-complete
+10ms gemini turn-complete
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
  at 6.36s
    -> client {"serverContent":{"generationComplete":true}} (binary)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * turnEnded(1, .answered)
+5s nothing

# Where silence is legal, a reply that broke off is none: the turn is lost, and told
policy recovery.attempts=0

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
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini says The capital of
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 63))
  at 10.68s
    * stalled(.outputFroze, turn: 1)
    * gaveUp(.stalled(.outputFroze), "no answer: output_froze (recovery.attempts is 0)")
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .lost)
  at 20.05s
    -> ping gemini
    -> ping client
  at 40.05s
    -> ping gemini
    -> ping client
  at 60.05s
    -> ping gemini
    -> ping client
+60s nothing

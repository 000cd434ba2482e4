# Where the keepalive only observes, a silent peer is told of and left alone
policy keepalive=observe

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
  at 20.05s
    -> ping gemini
    -> ping client
  at 40.05s
    -> ping gemini
    -> ping client
  at 60.05s
    -> ping gemini
    -> ping client
  at 80.05s
    * ruleApplied(.keepalive, .observe, detail: .none)
    * ruleApplied(.keepalive, .observe, detail: .none)
  at 80.05s
    -> ping gemini
    -> ping client
  at 100.05s
    -> ping gemini
    -> ping client
+100s nothing

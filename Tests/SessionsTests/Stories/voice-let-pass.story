# I7, I17: a model that may be silent hears a voice out and completes the turn: nothing is missing
policy stream_end_on_pause=off

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup auto gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live"}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 300ms
    -> as it came
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    -> as it came
+100ms gemini turn-complete
    -> as it came
    * turnStarted(1, .audio)
    * turnEnded(1, .silent)
+10s client audio 300ms
    -> as it came
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    -> as it came
+100ms gemini turn-complete
    -> as it came
    * turnStarted(2, .audio)
    * stalled(.silentRun, turn: 2)
    * turnEnded(2, .silent)
  at 20.05s
    -> ping gemini
    -> ping client
+10s nothing

# FC 1.9: the microphone pauses in automatic VAD

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup auto
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 100ms
    -> as it came
+100ms client audio 100ms
    -> as it came
  at 2.36s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+5s client audio 100ms
    -> as it came
+100ms client stream-end
    -> as it came
  at 11.16s
    * turnStarted(1, .audio)
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+5s nothing

# The model is well, or this session is the one that finds out: it gets what it asked for
policy models.fallback=gemini-3.8-live:gemini-3.1-flash-live-preview

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live
    -> choose gemini-3.8-live
+0s chosen gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+0s learned 7s 14s
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
+6900ms nothing
  at 8.98s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+400ms gemini audio 500ms
    * nudgeEnded(.answered)
    * firstAudio(1, after: 7300ms)
    * recovered(.stalled(.firstReplyNever), after: 300ms)
    -> as it came
+100ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)

# Slow, and no freeze: it answers the question, and long after it the nudge, which the client is not shown

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
+0s learned 4s 18s
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
  at 5.98s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+12s gemini audio 500ms
    * nudgeEnded(.answered)
    * firstAudio(1, after: 12s)
    * recovered(.stalled(.firstReplyNever), after: 8s)
    -> as it came
+500ms gemini generation-complete
    -> as it came
+1500ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+0s learned 14s 24s
  at 20.05s
    -> ping gemini
    -> ping client
+12s gemini audio 500ms
    * nudgeEnded(.duplicate)
    * byproductKept(.answer)
  at 40.05s
    -> ping gemini
    -> ping client
+19s gemini audio 500ms
    * byproductKept(.answer)
+5s gemini generation-complete
    * byproductKept(.answer)
+50ms gemini turn-complete
    * byproductKept(.answer)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
  at 60.05s
    -> ping gemini
    -> ping client
+12s gemini audio 500ms
    * firstAudio(2, after: 12s)
    -> as it came
+500ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

# The nudge is answered as a turn of its own, and then the question, which the client is not shown: the nudge was needless, and the model's pace is known
learns

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
    learned: nudge after 4000 ms, move after 18000 ms
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
+4300ms gemini audio 200ms
    * nudgeEnded(.answered)
    * firstAudio(1, after: 4300ms)
    * recovered(.stalled(.firstReplyNever), after: 300ms)
    -> as it came
    learned: nudge after 6300 ms, move after 20300 ms
+50ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+7640ms gemini audio 200ms
    * nudgeEnded(.duplicate)
    * byproductKept(.answer)
    learned: nudge after 14000 ms, move after 24000 ms
+50ms gemini generation-complete
    * byproductKept(.answer)
+100ms gemini turn-complete
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
  at 20.05s
    -> ping gemini
    -> ping client
+12s gemini audio 200ms
    * firstAudio(2, after: 12s)
    -> as it came
+50ms gemini generation-complete
    -> as it came
+100ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

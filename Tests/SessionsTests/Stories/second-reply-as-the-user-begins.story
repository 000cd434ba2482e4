# The second reply, for a nudge too many, comes as the user begins to speak: it is not shown

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
  at 5.98s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+7s gemini audio 200ms
    * nudgeEnded(.answered)
    * firstAudio(1, after: 7s)
    * recovered(.stalled(.firstReplyNever), after: 3s)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+5s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 300ms
    -> as it came
+20ms gemini audio 200ms
    * nudgeEnded(.duplicate)
    * byproductKept(.answer)
+20ms gemini generation-complete
    * byproductKept(.answer)
+50ms gemini turn-complete
    * byproductKept(.answer)
+300ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(300ms))
    -> as it came
    * activityEnded(by: .client, audio: 300ms)
    * turnStarted(2, .audio)
  at 18.46s
    * stalled(.noOutput, turn: 2)
    * nudged(turn: 2, .noOutput)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 20.05s
    -> ping gemini
    -> ping client
+7s gemini audio 200ms
    * nudgeEnded(.answered)
    * firstAudio(2, after: 7s)
    * recovered(.stalled(.noOutput), after: 3s)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)

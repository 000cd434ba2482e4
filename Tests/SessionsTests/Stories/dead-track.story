# FC 1.4, seed 000 failure B: the microphone track dies inside an open activity

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
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
  at 2.48s
    * ruleApplied(.deadAir, .enforce, detail: .audio(700ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 700ms)
    * turnStarted(1, .audio)
  at 6.48s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 10.48s
    * stalled(.firstReplyNever, turn: 1)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(2)
    -> dial 2
+10s nothing
+100ms gemini audio 200ms
    * firstAudio(1, after: 8900ms)
    * recovered(.stalled(.firstReplyNever), after: 4900ms)
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client end
    * ruleApplied(.deadAir, .enforce, detail: .late)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)

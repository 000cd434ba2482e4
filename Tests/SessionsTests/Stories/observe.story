# Nothing but told: audio outside an activity, a stall, and a close, as a plain relay would have them
policy mode=observe

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .observe, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> as it came
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    -> as it came
    * setupCompleted(1)
+1s client audio 100ms
    -> as it came
    * ruleApplied(.audioOutsideActivity, .observe, detail: .audio(100ms))
+20ms client start
    -> as it came
    * activityStarted(by: .client)
+20ms client start
    -> as it came
    * ruleApplied(.repeatedActivity, .observe, detail: .none)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
  at 6.02s
    * stalled(.firstReplyNever, turn: 1)
  at 20.05s
    -> ping gemini
    -> ping client
+20s gemini audio 500ms
    -> as it came
    * firstAudio(1, after: 20s)
+100ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * closed(.client, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    -> close client 1011 Internal error encountered.
    * ended(.geminiClosed)

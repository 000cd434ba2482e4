# The same with the client marking its activities from now on: the question gets boundaries
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
    -> recall handle("turnkeeper.s-0.other", generation: 1)
+5ms client text And more.
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+5ms recalled remembered h-7 1 asking-unmarked
    -> offer turnkeeper.s-0.other, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{"handle":"h-7"}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
    * clientResumed(.resumed)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 700ms (text)
    * ruleApplied(.shortActivity, .enforce, detail: .audio(700ms))
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
  at 0.87s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
    -> gemini {"realtimeInput":{"text":"And more."}} (text)
    * typed("And more.")
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
+2s nothing

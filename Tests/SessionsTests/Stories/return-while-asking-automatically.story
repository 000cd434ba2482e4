# The same with the service detecting activities from now on: the question has no boundaries
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
    -> recall handle("turnkeeper.s-0.other", generation: 1)
+5ms client text And more.
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+5ms recalled remembered h-7 1 asking
    -> offer turnkeeper.s-0.other, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","sessionResumption":{"handle":"h-7"}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
    * clientResumed(.resumed)
    * replayed(messages: 1, audio: 700ms, missing: 0s)
    -> gemini audio 700ms (text)
    -> gemini {"realtimeInput":{"text":"And more."}} (text)
    * typed("And more.")
    * turnStarted(1, .text)
  at 1.27s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+2s nothing

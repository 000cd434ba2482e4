# In automatic detection a client that is not read in the middle of an utterance may be going on

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client voice 1s
    -> as it came
+900ms client unread
+900ms client unread
+900ms client unread
+900ms client unread
+900ms client unread
+900ms client unread
+100ms client voice 1s
    -> as it came
+20ms client audio 1s
    -> as it came
  at 7.78s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1s gemini audio 200ms
    * turnStarted(1, .none)
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s nothing

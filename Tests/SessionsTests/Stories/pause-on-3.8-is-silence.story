# FC 1.10: 3.8 does not take audioStreamEnd for an end, it wants to hear silence

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup auto gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live"}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 100ms
    -> as it came
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 100ms (text)
  at 2.36s
    -> gemini audio 100ms (text)
  at 2.46s
    -> gemini audio 100ms (text)
+1250ms client audio 100ms
    -> as it came
  at 3.51s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 100ms (text)
  at 3.61s
    -> gemini audio 100ms (text)
  at 3.71s
    -> gemini audio 100ms (text)
  at 3.81s
    -> gemini audio 100ms (text)
  at 3.91s
    -> gemini audio 100ms (text)
  at 4.01s
    -> gemini audio 100ms (text)
  at 4.11s
    -> gemini audio 100ms (text)
  at 4.21s
    -> gemini audio 100ms (text)
  at 4.31s
    -> gemini audio 100ms (text)
  at 4.41s
    -> gemini audio 100ms (text)
  at 4.51s
    -> gemini audio 100ms (text)
  at 4.61s
    -> gemini audio 100ms (text)
  at 4.71s
    -> gemini audio 100ms (text)
  at 4.81s
    -> gemini audio 100ms (text)
  at 4.91s
    -> gemini audio 100ms (text)
  at 5.01s
    -> gemini audio 100ms (text)
  at 5.11s
    -> gemini audio 100ms (text)
  at 5.21s
    -> gemini audio 100ms (text)
  at 5.31s
    -> gemini audio 100ms (text)
  at 5.41s
    -> gemini audio 100ms (text)
+5s nothing

# Early audio is bounded: the oldest goes first, and is counted
policy limits.buffer=9500

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup auto
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+5ms client says Hello.
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+5ms client audio 100ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+5ms client audio 150ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+5ms client audio 50ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
    * inputDropped(100ms)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
    * ruleApplied(.contentAsText, .enforce, detail: .none)
    -> gemini {"realtimeInput":{"text":"Hello."}} (text)
    * typed("Hello.")
    * turnStarted(1, .text)
    -> gemini audio 150ms (text)
    -> gemini audio 50ms (text)

# An alias is pinned: gemini is asked for the pinned model, in the client's spelling
policy models.pin=gemini-live-latest:gemini-3.8-live
policy models.allow=gemini-live-latest

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"projects/p/locations/l/publishers/google/models/gemini-live-latest"}}
    * pinned(from: "gemini-live-latest", to: "gemini-3.8-live")
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"projects/p/locations/l/publishers/google/models/gemini-3.8-live"}} (text)
    * setUp(model: "projects/p/locations/l/publishers/google/models/gemini-3.8-live", vad: .automatic)
+100ms gemini setup-complete
    * setupCompleted(1)
    -> as it came

# An alias is pinned: gemini is asked for the pinned model, in the client's spelling
policy models.pin=gemini-live-latest:gemini-3.8-live
policy models.allow=gemini-live-latest

+0s client opens
+50ms gemini opens
+10ms client sends {"setup":{"model":"projects/p/locations/l/publishers/google/models/gemini-live-latest"}}
+100ms gemini setup-complete

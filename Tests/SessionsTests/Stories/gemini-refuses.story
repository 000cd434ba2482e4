# An HTTP error on upgrade is the client's answer too
+0s client opens
+50ms gemini refuses 429

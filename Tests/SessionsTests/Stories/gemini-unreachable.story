# No connection to gemini
+0s client opens
+50ms gemini unreachable connection refused

# A close of gemini's is relayed with code and reason
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client says Hi.
+1s gemini closes 1011 Internal error encountered.

# A message that is not JSON ends the session, as the service does
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client sends {"realtimeInput":

# A drain does not wait for ever
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client says Hi.
+100ms drain 5s
+10s nothing

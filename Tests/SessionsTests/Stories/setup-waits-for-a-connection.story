# The connection is lost before the setup came: the next one gets it

+0s client opens
+50ms gemini opens
+10ms gemini closes 1006
+10ms client setup manual
+0s client start
+50ms gemini opens
+100ms gemini setup-complete

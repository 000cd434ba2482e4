# An end too soon is only counted by default
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 100ms
+100ms client end

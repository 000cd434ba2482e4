# With short_activity enforced the end waits; what comes meanwhile is outside
policy short_activity=enforce
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 100ms
+100ms client end
+10ms client audio 20ms
+1s client start
+20ms client audio 100ms
+100ms client end
+10ms client start
+1s nothing

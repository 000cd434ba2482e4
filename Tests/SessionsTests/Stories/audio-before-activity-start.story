# FC 1.2: audio comes before the first activityStart
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+10ms client audio 20ms
+300ms client start
+20ms client audio 700ms

# An activity that never had a frame is closed too, with the silence an empty one needs
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+5s nothing
+100ms client end

# FC 1.4, seed 000 failure B: the microphone track dies inside an open activity
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+10s nothing
+100ms gemini audio 200ms
+50ms gemini turn-complete
+1s client end
+1s client start
+20ms client audio 700ms
+1s client end

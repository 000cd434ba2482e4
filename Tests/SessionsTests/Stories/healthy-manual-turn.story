# A healthy spoken turn in manual VAD: nothing is touched
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 100ms
+100ms client audio 100ms
+600ms client end
+700ms gemini audio 200ms
+50ms gemini turn-complete
+1s client closes 1000

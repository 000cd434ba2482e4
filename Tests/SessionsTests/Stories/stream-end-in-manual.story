# FC 1.8: audioStreamEnd is not for manual VAD
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+10ms client stream-end
+600ms client end

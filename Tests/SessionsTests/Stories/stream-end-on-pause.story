# FC 1.9: the microphone pauses in automatic VAD
+0s client opens
+50ms gemini opens
+10ms client setup auto
+200ms gemini setup-complete
+1s client audio 100ms
+100ms client audio 100ms
+5s client audio 100ms
+100ms client stream-end
+5s nothing

# FC 1.10: 3.8 does not take audioStreamEnd for an end, it wants to hear silence
+0s client opens
+50ms gemini opens
+10ms client setup auto gemini-3.8-live
+200ms gemini setup-complete
+1s client audio 100ms
+1250ms client audio 100ms
+5s nothing

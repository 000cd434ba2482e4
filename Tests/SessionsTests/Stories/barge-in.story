# The user speaks into the answer
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+600ms client end
+700ms gemini audio 2s
+50ms client start
+50ms gemini interrupted
+10ms gemini turn-complete
+20ms client audio 700ms
+600ms client end
+700ms gemini audio 2s
+50ms gemini turn-complete

# I5: once the stream has ended, an answer is that to what was said, however soon it comes after a turn that was nudged for

+0s client opens
+50ms gemini opens
+10ms client setup automatic
+200ms gemini setup-complete
+1s client audio 700ms
+900ms gemini turn-complete
+500ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete
+3s client audio 300ms
+300ms client stream-end
+200ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete

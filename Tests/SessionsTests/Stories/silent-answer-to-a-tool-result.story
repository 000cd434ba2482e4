# FC 16.10: what was said before the call does not make a silent answer heard

+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client text Run it.
+500ms gemini audio 300ms
+100ms gemini calls f as a-1
+100ms client answers a-1
+600ms gemini silence 300ms
+100ms gemini silence 300ms
+100ms gemini silence 300ms
+100ms gemini silence 300ms
+20ms gemini generation-complete
+50ms gemini turn-complete
+500ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete

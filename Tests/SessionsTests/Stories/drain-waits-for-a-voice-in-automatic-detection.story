# A drain does not end a session in the middle of what the user says

+0s client opens
+50ms gemini opens
+10ms client setup automatic
+200ms gemini setup-complete
+1s client audio 700ms
+100ms drain 30s
+700ms client audio 700ms
+500ms gemini audio 200ms
+50ms gemini turn-complete

# I9: a bare end in the middle of the user's words is not nudged for

+0s client opens
+50ms gemini opens
+10ms client setup automatic
+200ms gemini setup-complete
+1s client audio 600ms
+1300ms client audio 100ms
+100ms client audio 100ms
+50ms gemini turn-complete
+50ms client audio 100ms
+100ms client audio 100ms
+100ms client audio 100ms
+1500ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete

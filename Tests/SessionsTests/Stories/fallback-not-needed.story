# The model is well, or this session is the one that finds out: it gets what it asked for
policy models.fallback=gemini-3.8-live:gemini-3.1-flash-live-preview

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.8-live
+0s chosen gemini-3.8-live
+0s learned 7s
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+700ms client end
+6900ms nothing
+200ms gemini audio 500ms
+100ms gemini turn-complete

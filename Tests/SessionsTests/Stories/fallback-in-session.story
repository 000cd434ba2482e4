# The ladder is exhausted by closes before any output: the sibling gets the turn, and answers it
policy models.fallback=gemini-3.1-flash-live-preview:gemini-3.8-live
policy recovery.attempts=2

+0s client opens
+50ms gemini opens
+10ms client setup manual
+0s chosen gemini-3.1-flash-live-preview
+200ms gemini setup-complete
+100ms gemini handle h1
+1s client start
+20ms client audio 700ms
+700ms client end
+500ms gemini closes 1011 Internal error encountered.
+40ms gemini opens
+100ms gemini setup-complete
+500ms gemini closes 1011 Internal error encountered.
+600ms gemini opens
+100ms gemini setup-complete
+500ms gemini closes 1011 Internal error encountered.
+40ms gemini opens
+100ms gemini setup-complete
+600ms gemini audio 500ms
+100ms gemini turn-complete
+1s client closes 1000

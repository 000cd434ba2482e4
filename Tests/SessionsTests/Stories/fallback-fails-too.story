# Both fail: the client is told what gemini said, once
policy models.fallback=gemini-3.1-flash-live-preview:gemini-3.8-live
policy recovery.attempts=1

+0s client opens
+50ms gemini opens
+10ms client setup manual
+0s chosen gemini-3.1-flash-live-preview
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+700ms client end
+500ms gemini closes 1011 Internal error encountered.
+40ms gemini opens
+100ms gemini setup-complete
+500ms gemini closes 1011 Internal error encountered.
+40ms gemini opens
+100ms gemini setup-complete
+600ms gemini closes 1011 Internal error encountered.
+40ms nothing

# A model that failed for others: a new session gets the sibling, and never notices
policy models.fallback=gemini-3.8-live:gemini-3.1-flash-live-preview

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.8-live "proactivity":{"proactiveAudio":false}
+0s client start
+0s chosen gemini-3.1-flash-live-preview
+200ms gemini setup-complete
+1s client audio 700ms
+700ms client end
+500ms gemini audio 500ms
+100ms gemini turn-complete

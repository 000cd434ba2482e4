# Nothing but told: audio outside an activity, a stall, and a close, as a plain relay would have them
policy mode=observe

+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client audio 100ms
+20ms client start
+20ms client start
+20ms client audio 700ms
+700ms client end
+20s gemini audio 500ms
+100ms gemini turn-complete
+1s gemini closes 1011 Internal error encountered.

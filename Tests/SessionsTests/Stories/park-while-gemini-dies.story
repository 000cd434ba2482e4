# both sides drop: gemini is resumed behind the back of a client that is away
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
+200ms gemini setup-complete
+1s gemini handle h-1
+1s client vanishes
+1s gemini closes 1011 Internal error encountered.
+40ms gemini opens
+200ms gemini setup-complete
+1s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{}
+1s client closes 1000

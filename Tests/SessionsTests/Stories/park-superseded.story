# the client comes back with other tools: the parked session leaves what it knows to a new one
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
+200ms gemini setup-complete
+1s client says Hello
+1s gemini handle h-1
+1s client vanishes
+1s superseded

# client.park: 0 s ends the session of a client that vanishes at once
policy client.park=0s
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
+200ms gemini setup-complete
+1s client vanishes

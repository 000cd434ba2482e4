# FC 3.6: the client does not come back; the session ends, and a handle is kept for later
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+200ms client vanishes
+500ms gemini handle h-1
+16s nothing

# FC 5.12: gemini's handle is too old: the conversation is rebuilt from what was said
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
+5ms recalled remembered h-7 7000
+200ms gemini setup-complete
+1s client closes 1000

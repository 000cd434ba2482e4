# FC 5.12: a client comes back after a clean close, with our handle: gemini's is put in its place
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
+5ms client start
+5ms client audio 700ms
+5ms recalled remembered h-7 600
+200ms gemini setup-complete
+700ms client end
+1s gemini handle h-8
+1s client closes 1000

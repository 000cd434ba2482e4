# a handle gemini gave before the proxy was there is gemini's to judge
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"CihpZ2..."}
+200ms gemini setup-complete
+1s gemini handle h-1

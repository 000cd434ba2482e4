# FC 5.5: a null handle is removed; the client asked for handles, so it sees them
+0s client opens
+50ms gemini opens
+10ms client sends {"setup":{"model":"models/gemini-3.1-flash-live-preview","sessionResumption":{"handle":null}}}
+200ms gemini setup-complete
+1s gemini handle h-1

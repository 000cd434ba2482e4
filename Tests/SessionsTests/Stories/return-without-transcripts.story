# log.transcripts: false keeps a handle and no words
policy log.transcripts=false
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
+200ms gemini setup-complete
+1s client says Hello
+1s gemini handle h-1
+1s client closes 1000

# FC 5.12: gemini does not know its handle any more: the conversation is rebuilt
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
+5ms recalled remembered h-7 60
+200ms gemini closes 1008 BidiGenerateContent session not found
+50ms gemini opens
+200ms gemini setup-complete
+1s client closes 1000

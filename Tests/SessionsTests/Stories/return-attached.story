# the client's session is alive: the client's connection goes over to it, and this session ends
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
+5ms recalled attached

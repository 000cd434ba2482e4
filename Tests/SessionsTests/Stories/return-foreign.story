# a handle of another tenant's is refused as the service refuses one it does not know
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
+5ms recalled foreign

# FC 3.6: what gemini said meanwhile does not fit: the oldest sound goes, and the half the client has is ended first
policy limits.buffer=900
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+700ms client end
+500ms gemini audio 100ms
+20ms client vanishes
+10ms gemini audio 4ms
+10ms gemini audio 4ms
+10ms gemini audio 4ms
+10ms gemini generation-complete
+50ms gemini turn-complete
+2s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{}

# FC 3.6: the client's network drops in the middle of an answer; it is back in time and hears the rest
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+700ms client end
+500ms gemini audio 2ms
+20ms gemini handle h-1
+20ms client vanishes
+100ms gemini audio 2ms
+100ms gemini says Good evening.
+100ms gemini generation-complete
+50ms gemini turn-complete
+50ms gemini handle h-2
+3s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-1.secret"}
+1s client start
+20ms client audio 700ms
+700ms client end
+1s client closes 1000

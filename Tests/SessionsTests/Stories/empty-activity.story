# A pair with no audio between is fatal on the wire
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+700ms client end

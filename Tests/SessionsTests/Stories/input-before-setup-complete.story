# FC 1.3: input before setupComplete waits for it, in order
+0s client opens
+50ms gemini opens
+10ms client start
+5ms client setup manual
+5ms client audio 100ms
+5ms client end
+200ms gemini setup-complete

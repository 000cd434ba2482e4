# Where none may be rebuilt and no handle is left, a question whose end is still held is not forgotten
policy recovery.rebuild=false
policy short_activity=enforce

+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 60ms
+60ms client end
+300ms gemini closes 1008 The operation was aborted.
+50ms gemini opens
+50ms gemini opens
+1s nothing

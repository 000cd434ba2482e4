# A client that leaves while its end is held has said its turn
+0s client opens
+50ms gemini opens
+10ms client setup manual
+5ms client start
+5ms client audio 100ms
+5ms client end
+200ms gemini setup-complete
+100ms client closes 1000

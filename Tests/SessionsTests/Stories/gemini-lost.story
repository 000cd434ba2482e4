# A connection that ends without a close frame is said to be lost
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s gemini closes 1006

# The client gives up before gemini answered
+0s client opens
+50ms client closes 1006

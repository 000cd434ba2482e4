# A drain lets the turn finish
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+100ms drain 30s
+700ms client end
+700ms gemini audio 200ms
+50ms gemini turn-complete

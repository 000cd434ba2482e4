# FC 1.5: second start and second end in a row
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+10ms client start
+20ms client audio 700ms
+600ms client end
+10ms client end
